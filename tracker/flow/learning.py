"""What the record of a plan teaches: how often work really comes back."""

from __future__ import annotations

import math

import msgspec

from tracker.domain.model import Link
from tracker.domain.workspace import Workspace

# An entered rate weighs as much as this many completions of its gate that were seen.
PRIOR_WEIGHT = 4.0
# Terms of the continued fraction: it needs about the square root of its larger parameter.
_MOST_TERMS = 100_000
_TINY = 1e-300


def counts(ws: Workspace, link: Link) -> tuple[int, int]:
    """Return how often the gate of a return arrow sent work back over it, and how often it ended.

    A pass of the gate ends by being done or by sending work back; one that was interrupted did
    not come to an answer.
    """
    ended = [run for run in ws.tasks[link.source].passes if run.outcome in ("done", "returned")]
    back = sum(run.outcome == "returned" and run.returned_to == link.target for run in ended)
    return back, len(ended)


def posterior(ws: Workspace, link: Link) -> Beta:
    """Return what is known of a rate of return: what was entered, and what was seen since.

    Beta(4p + returned, 4(1 − p) + not returned), the marginal of the Dirichlet over everything
    that may come of a completion of the gate (Gelman et al., Bayesian Data Analysis, 3.4).
    """
    returned, ended = counts(ws, link)
    return Beta(
        PRIOR_WEIGHT * link.rate + returned, PRIOR_WEIGHT * (1 - link.rate) + ended - returned
    )


class Beta(msgspec.Struct, frozen=True):
    """A Beta distribution of a chance; a parameter of 0 puts all of it on 0 or on 1."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """The expected chance."""
        return self.a / (self.a + self.b)

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Return the ends between which the chance lies as surely as `level`, equal tails."""
        tail = (1 - level) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    @property
    def passes(self) -> float:
        """The expected number of passes where each comes back by this chance; may be infinite.

        E[1 / (1 − p)]; the number of passes is Waring distributed (beta-geometric).
        """
        if self.a == 0:
            return 1.0
        return (self.a + self.b - 1) / (self.b - 1) if self.b > 1 else math.inf

    def passes_beyond(self, k: int) -> float:
        """Return the chance of more than `k` passes: B(a + k, b) / B(a, b)."""
        if self.b == 0:
            return 1.0
        return math.prod(((self.a + i) / (self.a + self.b + i) for i in range(k)), start=1.0)

    def cdf(self, x: float) -> float:
        """Return the chance of at most `x`, the regularised incomplete beta function."""
        if x >= 1 or self.a == 0:
            return float(x >= 0)
        if x <= 0 or self.b == 0:
            return 0.0
        if x > self.a / (self.a + self.b):
            return 1 - _lower(1 - x, self.b, self.a)
        return _lower(x, self.a, self.b)

    def quantile(self, p: float) -> float:
        """Return the x of which `cdf(x)` is `p`: Newton's method, held within its bracket."""
        if self.a == 0 or p <= 0:
            return 0.0
        if self.b == 0 or p >= 1:
            return 1.0
        low, high, x = 0.0, 1.0, self.mean
        for _ in range(200):
            miss = self.cdf(x) - p
            low, high = (low, x) if miss > 0 else (x, high)
            slope = math.exp(min(_log_power(x, self.a, self.b) - math.log(x * (1 - x)), 700.0))
            after = x - miss / slope if slope else low
            if not low < after < high:
                after = (low + high) / 2
            if abs(after - x) <= 1e-15 + 1e-14 * x or not low < after < high:
                return after
            x = after
        return x


def _log_power(x: float, a: float, b: float) -> float:
    """Return the logarithm of x^a (1 − x)^b / B(a, b)."""
    beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return a * math.log(x) + b * math.log1p(-x) - beta


def _lower(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function where x is not above the mean.

    The continued fraction DLMF 8.17.22 with the coefficients 8.17.23, evaluated forwards (Lentz
    1976, with the guards of Thompson & Barnett 1986 against a zero).
    """
    value, up, down = 1.0, 1.0, 0.0
    for n in range(1, _MOST_TERMS):
        m = n // 2
        if n % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        down = 1 / ((1 + d * down) or _TINY)
        up = (1 + d / up) or _TINY
        value *= up * down
        if abs(up * down - 1) < 1e-16:
            break
    return min(math.exp(_log_power(x, a, b)) / (a * value), 1.0)
