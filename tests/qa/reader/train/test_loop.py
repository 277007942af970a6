from qa.reader.train.loop import Recipe


def test_the_rate_rises_stays_and_falls_to_nothing():
    recipe = Recipe(warmup=4, steady=10, decay=5)
    assert [recipe.factor(step) for step in (0, 3, 9)] == [0.25, 1.0, 1.0]
    assert [recipe.factor(step) for step in (10, 12, 15)] == [1.0, 0.6, 0.0]
    assert recipe.steps == 15
