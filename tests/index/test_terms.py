from index.terms import Terms


def test_words_are_stemmed_and_stop_words_left_out():
    assert Terms("en")("Where do the employees' requests go?") == ["employe", "request", "go"]


def test_a_possessive_is_the_word_itself():
    assert Terms("en")("Anna’s bike") == Terms("en")("Anna bike")


def test_compatibility_forms_are_one():
    assert Terms("en")("ﬁle №４") == ["file", "no4"]


def test_a_language_without_a_stemmer_keeps_its_words():
    assert Terms("xx")("Alle Wörter") == ["alle", "wörter"]


def test_each_language_has_its_own():
    assert Terms("de")("die Häuser und Gärten") == ["haus", "gart"]
