"""Settings of MAGE, each a thing that an ablation can switch."""

from __future__ import annotations

from dataclasses import dataclass

SEQUENCE_PARTS = ("return", "observation", "action")
RETURN_CHOICES = ("state", "target")
INVERSE_SOURCES = ("latent", "decoded")


@dataclass(frozen=True)
class MAGEConfig:
    """Settings of the four parts, of their training and of acting.

    Windows:
        sequence: what a window holds of each step it looks at, whatever the order given: return,
            observation, action. The paper's choice is return and observation.
        pairs: steps that a window looks at, a multiple of the last scale.
        stride: environment steps from one of them to the next.
        discount: factor per environment step of the return-to-go; None for the task's.
        log_returns: whether returns are put on a logarithmic scale.
        logit_returns: whether they are put on one that is logarithmic from both ends, instead.
        relative: whether a window holds its observations relative to its first.

    Multi-scale autoencoder:
        scales: tokens per scale, coarse to fine; the last is the length of the latent.
        codes: entries of the one codebook shared by all scales.
        code_size: numbers in one code.
        autoencoder_width: channels of encoder and decoder.
        commitment: weight of the commitment loss against the codebook loss.

    Multi-scale transformer:
        width: size of a token's embedding.
        layers: blocks of attention and feed-forward network.
        heads: of attention.
        condition_finer_scales: whether (s_0, R_0) enters beyond the first scale.
        condition_on_advantage: whether the advantage of R_0 in s_0 enters with them.

    Inverse dynamics and decoder:
        inverse_width: hidden units of the inverse dynamics and of the return model.
        inverse_from: what the inverse dynamics reads: the `latent` plan, or the first two steps
            of the `decoded` one.
        inverse_dropout: share of the plan's numbers that are hidden from the inverse dynamics when
            it learns alone, lest it reads in a recorded plan by what chance the action was off.
        inverse_unit_dropout: share of its hidden units that are left out then, lest it learns few
            demonstrations by heart.
        inverse_observation: whether the inverse dynamics sees s_0 beside that.
        adapter: whether the decoder is adapted to R_0.
        inverse_weight: weight of L_inv.
        condition_weight: weight of L_cond.
        gumbel: whether L_inv and L_cond reach the transformer through sampled tokens.
        gumbel_temperature: of the relaxed samples.

    Training:
        shares: of the gradient steps, for the return model, for stage 1, and for the inverse
            dynamics alone at the end; stage 2 gets the rest.
        expectile: of the recorded returns that counts as a high one; 0.5 is the mean.
        best_of: windows drawn for each one that stage 2 learns from, the one whose return has the
            largest advantage; 1 draws all alike.
        batch_size: windows per gradient step.
        learning_rate: peak of AdamW's rate, which falls to nothing along a cosine.
        inverse_learning_rate: of the inverse dynamics alone, which falls in the last quarter.
        weight_decay: of AdamW.
        bf16: whether the transformer's products are in bf16 in stage 2, on devices made for it;
            networks as small as those of `quick` gain little.

    Acting:
        return_asked: `state`, a high return that is reachable from where the agent is, or
            `target`, the task's return at the start less what has been received since.
        advantage_asked: of the return asked of a state: 0 is its mean, 1 its upper expectile.
        persistence: how much goes on being asked for of what was asked before, less what has been
            received, where it is more than is asked of the state: 0 is nothing, 1 all of it.
        temperature: of sampled tokens; 0 takes the likeliest.
        cache: whether attention keeps the keys and values of coarser scales, rather than working
            them out again at every scale.
    """

    sequence: tuple[str, ...] = ("return", "observation")
    pairs: int = 32
    stride: int = 2
    discount: float | None = None
    log_returns: bool = False
    logit_returns: bool = False
    relative: bool = True

    scales: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16)
    codes: int = 512
    code_size: int = 32
    autoencoder_width: int = 256
    commitment: float = 0.25

    width: int = 256
    layers: int = 6
    heads: int = 8
    condition_finer_scales: bool = True
    condition_on_advantage: bool = True

    inverse_width: int = 512
    inverse_from: str = "latent"
    inverse_dropout: float = 0.5
    inverse_unit_dropout: float = 0.0
    inverse_observation: bool = True
    adapter: bool = True
    inverse_weight: float = 1.0
    condition_weight: float = 1.0
    gumbel: bool = True
    gumbel_temperature: float = 1.0

    shares: tuple[float, ...] = (0.15, 0.1, 0.5)
    expectile: float = 0.99
    best_of: int = 4
    batch_size: int = 256
    learning_rate: float = 3e-4
    inverse_learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    bf16: bool = False

    return_asked: str = "state"
    advantage_asked: float = 1.0
    persistence: float = 0.0
    temperature: float = 0.0
    cache: bool = True

    def __post_init__(self) -> None:
        # Settings that come from JSON or TOML hold lists.
        known = [part for part in SEQUENCE_PARTS if part in self.sequence]
        unknown = [part for part in self.sequence if part not in SEQUENCE_PARTS]
        object.__setattr__(self, "sequence", (*known, *unknown))
        object.__setattr__(self, "scales", tuple(self.scales))
        object.__setattr__(self, "shares", tuple(self.shares))
        for name, expected, valid in self._checks():
            if not valid:
                raise ValueError(
                    f"setting {name} = {getattr(self, name)!r} is not valid; expected {expected}"
                )

    def _checks(self) -> list[tuple[str, str, bool]]:
        scales, positive = (
            self.scales,
            ("codes", "code_size", "width", "layers", "batch_size", "stride", "best_of"),
        )
        return [
            (
                "sequence",
                f"some of {', '.join(SEQUENCE_PARTS)}",
                bool(self.sequence) and set(self.sequence) <= set(SEQUENCE_PARTS),
            ),
            (
                "scales",
                "ascending lengths from 1 up",
                bool(scales) and scales[0] >= 1 and list(scales) == sorted(set(scales)),
            ),
            (
                "logit_returns",
                "False where log_returns is True",
                not (self.logit_returns and self.log_returns),
            ),
            ("pairs", f"a multiple of the last scale, {scales[-1]}", self.pairs % scales[-1] == 0),
            ("heads", f"a divisor of width, {self.width}", self.width % self.heads == 0),
            ("return_asked", " or ".join(RETURN_CHOICES), self.return_asked in RETURN_CHOICES),
            ("inverse_from", " or ".join(INVERSE_SOURCES), self.inverse_from in INVERSE_SOURCES),
            (
                "shares",
                "three numbers above 0 that leave some of 1",
                len(self.shares) == 3 and min(self.shares) > 0 and sum(self.shares) < 1,
            ),
            *[
                (name, "a number from 0 to below 1", 0 <= getattr(self, name) < 1)
                for name in ("inverse_dropout", "inverse_unit_dropout")
            ],
            ("expectile", "a number between 0 and 1", 0 < self.expectile < 1),
            ("persistence", "a number from 0 to 1", 0 <= self.persistence <= 1),
            ("temperature", "0 or above", self.temperature >= 0),
            *[(name, "1 or above", getattr(self, name) >= 1) for name in positive],
        ]
