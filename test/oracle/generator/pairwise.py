"""A greedy pairwise cover: every pair of values of two factors that a case may hold occurs in some case."""
import itertools


def pairwise(factors, allowed=lambda case: True):
    names = list(factors)
    uncovered = set()
    for a, b in itertools.combinations(range(len(names)), 2):
        uncovered.update(((a, x), (b, y)) for x in factors[names[a]] for y in factors[names[b]])
    cases = []
    while uncovered:
        seed = min(uncovered, key=repr)
        # Where nothing new can be covered, let the values go round: the case still tries a new mixture.
        turned = {name: _turn(values, len(cases)) for name, values in factors.items()}
        case = _extend(dict([seed[0], seed[1]]), names, turned, uncovered, allowed)
        if case is None:  # the pair itself is excluded
            uncovered.discard(seed)
            continue
        uncovered -= set(itertools.combinations(sorted(case.items()), 2))
        cases.append({names[i]: case[i] for i in range(len(names))})
    return cases


def _turn(values, by):
    by %= len(values)
    return values[by:] + values[:by]


def _extend(fixed, names, factors, uncovered, allowed):
    """The completion of `fixed` that takes, factor by factor, the value covering most pairs."""
    free = [i for i in range(len(names)) if i not in fixed]
    if not free:
        return fixed if allowed({names[i]: value for i, value in fixed.items()}) else None
    i = free[0]

    def gain(value):
        return sum(tuple(sorted([(i, value), other])) in uncovered for other in fixed.items())

    for value in sorted(factors[names[i]], key=gain, reverse=True):
        case = _extend({**fixed, i: value}, names, factors, uncovered, allowed)
        if case is not None:
            return case
    return None
