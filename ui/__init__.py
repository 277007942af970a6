"""The doors: command line, chat page. Everything here shows what `qa` answers; nothing is answered here."""
