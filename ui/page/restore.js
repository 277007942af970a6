// Runs when the page has loaded: the chat that this tab showed before, or null. bar.js keeps the chats.
() => {
  try {
    const id = sessionStorage.getItem("qa-chat");
    const chat = JSON.parse(localStorage.getItem("qa-chats")).find((kept) => id && kept.id === id);
    return [chat ? { id: chat.id, turns: chat.turns } : null];
  } catch {
    return [null];
  }
}
