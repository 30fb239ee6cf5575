"""Settings of MAGE, each a thing that an ablation can switch."""

from __future__ import annotations

from dataclasses import dataclass

from mage.returns.config import Check, ReturnConfig, number_checks, refuse_invalid

SEQUENCE_PARTS = ("return", "observation", "action")
INVERSE_SOURCES = ("latent", "condition", "action")
ACTING_WEIGHTS = ("fp32", "fp16")
PLAYBACKS = ("plain", "traced", "compiled", "graph")
MOST_CODES = 2**15 - 1  # Tokens of recorded plans are kept in 16 bits.


@dataclass(frozen=True)
class MAGEConfig(ReturnConfig):
    """Settings of the four parts, of their training and of acting.

    Those of `ReturnConfig` are among them: which return counts as high, and which is asked for.

    Windows:
        - sequence: what a window contains of each of its steps, in any order: return, observation,
            action. The paper's choice is return and observation.
        - pairs: steps in a window, a multiple of the last scale.
        - stride: environment steps from one of them to the next.
        - relative: whether the observations after the first are relative to the first.
        - start_noise: standard deviation of noise on where windows start in stages 1 and 2, as a
            share of how far they lead. What follows stays as it was recorded, so that a plan from
            beside the recorded ways leads back to them.

    Multi-scale autoencoder:
        - scales: tokens per scale, coarse to fine; the last is the length of the latent.
        - codes: entries of the one codebook shared by all scales.
        - code_size: numbers in one code.
        - autoencoder_width: channels of encoder and decoder.
        - commitment: weight of the commitment loss against the codebook loss.

    Multi-scale transformer:
        - width: size of a token's embedding.
        - layers: blocks of attention and feed-forward network.
        - heads: of attention.
        - condition_width: hidden units of the network that embeds the condition, which has to find
            the way; 0 for as many as a token has.
        - condition_layers: its hidden layers.
        - return_at_finer_scales: whether R_0 enters beyond the first scale, as s_0 does.
        - condition_dropout: share of the plans in stage 2 whose return is hidden from the
            transformer, so that it can also plan without one.

    Inverse dynamics and decoder:
        - inverse_width: hidden units of the inverse dynamics and of the return model.
        - inverse_from: what the inverse dynamics reads: the `latent` plan, or no plan but the
            `condition` (R_0 and its advantage). With `action` there is none: the first action of
            the decoded plan is taken.
        - inverse_dropout: share of the plan's numbers that is hidden from the inverse dynamics as
            it learns alone: recorded actions contain noise, which a recorded plan would reveal.
        - inverse_noise: standard deviation of the noise that is then added to normalised s_0, so
            that the inverse dynamics also learns to act close to recorded states.
        - inverse_observation: whether the inverse dynamics sees s_0 as well.
        - adapter: whether the beginning of a plan is adapted before it is decoded.
        - adapter_return: whether the adapter sees R_0.
        - inverse_weight: weight of L_inv.
        - inverse_on_recorded: whether L_inv counts the recorded plan beside the sampled one.
        - condition_weight: weight of L_cond.
        - gumbel: whether L_inv and L_cond reach the transformer through sampled tokens.
        - gumbel_temperature: of the relaxed samples.

    Training:
        - shares: of the gradient steps, for the return model, for stage 1, and for the inverse
            dynamics alone at the end; stage 2 gets the rest. A stage of no share is left out.
        - batch_size: windows per gradient step.
        - learning_rate: peak of AdamW's rate, which falls to nothing along a cosine.
        - inverse_learning_rate: of the inverse dynamics alone, which falls in the last quarter.
        - weight_decay: of AdamW.
        - bf16: whether the transformer's products are in bf16 in stage 2, on devices made for it;
            networks as small as those of `quick` gain little.

    Acting:
        - guidance: scale of classifier-free guidance, as in VAR: 1 samples from the transformer
            as it is, 0 ignores the return, above 1 follows it more closely. The finest of several
            scales is not guided.
        - temperature: of sampled tokens; 0 takes the likeliest.
        - candidates: sampled plans, of which the one valued most is taken (`mage.plan_choice`).
        - replan_every: environment steps from one plan to the next. Between them the inverse
            dynamics reads the same plan from wherever the agent is by then, as it has learned to.
        - cache: whether attention keeps keys and values of coarser scales, or computes them again.
        - playback: how the calls of a plan are made: plain, from Python; traced, recorded once and
            played back; compiled, by `torch.compile`, which takes minutes; graph, as a CUDA graph,
            or traced without CUDA. Plans are the same but for rounding.
        - acting_weights: of the transformer when plans are made on a CPU: fp32, or rounded to fp16,
            which halves the time at the sizes of `paper`. Training and GPUs have fp32.
    """

    sequence: tuple[str, ...] = ("return", "observation")
    pairs: int = 32
    stride: int = 2
    relative: bool = True
    start_noise: float = 0.0

    scales: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16)
    codes: int = 512
    code_size: int = 32
    autoencoder_width: int = 256
    commitment: float = 0.25

    width: int = 256
    layers: int = 6
    heads: int = 8
    condition_width: int = 0
    condition_layers: int = 1
    return_at_finer_scales: bool = True
    condition_dropout: float = 0.15

    inverse_width: int = 512
    inverse_from: str = "latent"
    inverse_dropout: float = 0.5
    inverse_noise: float = 0.0
    inverse_observation: bool = True
    adapter: bool = True
    adapter_return: bool = True
    inverse_weight: float = 1.0
    inverse_on_recorded: bool = True
    condition_weight: float = 1.0
    gumbel: bool = True
    gumbel_temperature: float = 1.0

    shares: tuple[float, ...] = (0.15, 0.1, 0.5)
    batch_size: int = 256
    learning_rate: float = 3e-4
    inverse_learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    bf16: bool = False

    guidance: float = 1.0
    temperature: float = 0.0
    candidates: int = 1
    replan_every: int = 1
    cache: bool = True
    playback: str = "traced"
    acting_weights: str = "fp16"

    def __post_init__(self) -> None:
        # The parts of a step have an order of their own.
        known = [part for part in SEQUENCE_PARTS if part in self.sequence]
        unknown = [part for part in self.sequence if part not in SEQUENCE_PARTS]
        object.__setattr__(self, "sequence", (*known, *unknown))
        object.__setattr__(self, "scales", tuple(self.scales))
        object.__setattr__(self, "shares", tuple(self.shares))
        super().__post_init__()
        last_scale = max(self.scales, default=0)
        words = {"width": self.width, "last_scale": last_scale, "sequence": self.sequence}
        refuse_invalid(self, _CHECKS, **words, plan_steps=self.pairs * self.stride)

    @property
    def offsets(self) -> tuple[int, ...]:
        """The steps that a window looks at, counted from its first."""
        return tuple(self.stride * number for number in range(self.pairs))


def _needs_return_model(config: MAGEConfig) -> bool:
    uses = config.return_asked != "target", config.best_of > 1, config.condition_on_advantage
    return any(uses) or config.candidates > 1


def _can_choose(config: MAGEConfig) -> bool:
    has_states = "observation" in config.sequence and config.pairs > 1
    return has_states and config.inverse_from != "condition" and config.temperature > 0


_CHECKS: tuple[Check, ...] = (
    *number_checks(
        "1 or above",
        lambda number: number >= 1,
        *("codes", "code_size", "width", "layers", "heads", "batch_size", "stride", "pairs"),
        *("autoencoder_width", "inverse_width", "replan_every", "condition_layers", "candidates"),
    ),
    *number_checks(f"at most {MOST_CODES}", lambda number: number <= MOST_CODES, "codes"),
    *number_checks(
        "0 or above",
        lambda number: number >= 0,
        *("temperature", "commitment", "inverse_weight", "condition_weight", "weight_decay"),
        *("guidance", "inverse_noise", "condition_width"),
    ),
    *number_checks("above 0", lambda number: number > 0, "gumbel_temperature"),
    *number_checks(
        "a number above 0, at most 1",
        lambda number: 0 < number <= 1,
        *("learning_rate", "inverse_learning_rate"),
    ),
    *number_checks(
        "a number from 0 to below 1",
        lambda number: 0 <= number < 1,
        *("inverse_dropout", "condition_dropout"),
    ),
    (
        "playback",
        " or ".join(PLAYBACKS),
        lambda config: config.playback in PLAYBACKS,
    ),
    (
        "acting_weights",
        " or ".join(ACTING_WEIGHTS),
        lambda config: config.acting_weights in ACTING_WEIGHTS,
    ),
    (
        "sequence",
        f"some of {', '.join(SEQUENCE_PARTS)}",
        lambda config: bool(config.sequence) and set(config.sequence) <= set(SEQUENCE_PARTS),
    ),
    (
        "scales",
        "ascending lengths from 1 up",
        lambda config: (
            bool(config.scales)
            and config.scales[0] >= 1
            and list(config.scales) == sorted(set(config.scales))
        ),
    ),
    (
        "guidance",
        "1 where condition_dropout is 0: without it nothing learns to plan without a return",
        lambda config: config.guidance == 1 or config.condition_dropout > 0,
    ),
    (
        "pairs",
        "a multiple of the last scale, {last_scale}",
        lambda config: config.pairs % config.scales[-1] == 0,
    ),
    *number_checks("a number from 0 to 1", lambda number: 0 <= number <= 1, "start_noise"),
    (
        "start_noise",
        "0 unless relative, where sequence, {sequence}, holds observations",
        lambda config: (
            config.start_noise == 0 or (config.relative and "observation" in config.sequence)
        ),
    ),
    (
        "replan_every",
        "at most {plan_steps}, the steps of a plan",
        lambda config: config.replan_every <= config.pairs * config.stride,
    ),
    (
        "replan_every",
        "1 where inverse_from is action or inverse_observation is False: nothing would tell the "
        "steps of a plan apart",
        lambda config: (
            config.replan_every == 1
            or (config.inverse_from != "action" and config.inverse_observation)
        ),
    ),
    (
        "candidates",
        "1 unless plans differ in states: temperature above 0, several pairs, observation in "
        "sequence, and inverse_from latent or action",
        lambda config: config.candidates == 1 or _can_choose(config),
    ),
    (
        "heads",
        "a divisor of width, {width}",
        lambda config: config.width % config.heads == 0,
    ),
    (
        "inverse_from",
        " or ".join(INVERSE_SOURCES),
        lambda config: config.inverse_from in INVERSE_SOURCES,
    ),
    (
        "inverse_from",
        "latent or condition where sequence, {sequence}, holds no action",
        lambda config: config.inverse_from != "action" or "action" in config.sequence,
    ),
    (
        "shares",
        "three numbers of 0 or above, together at most 1",
        lambda config: (
            len(config.shares) == 3 and min(config.shares) >= 0 and sum(config.shares) <= 1
        ),
    ),
    (
        "shares",
        "some for the return model, without which return_asked is target, best_of and candidates "
        "1 and condition_on_advantage False",
        lambda config: config.shares[0] > 0 or not _needs_return_model(config),
    ),
    (
        "shares",
        "some for stage 1 where the inverse dynamics reads a plan",
        lambda config: config.shares[1] > 0 or config.inverse_from == "condition",
    ),
    (
        "shares",
        "less than 1 together where the inverse dynamics reads a plan, which stage 2 makes",
        lambda config: sum(config.shares) < 1 or config.inverse_from == "condition",
    ),
    (
        "shares",
        "none for the inverse dynamics where inverse_from is action, which has none",
        lambda config: config.shares[2] == 0 or config.inverse_from != "action",
    ),
)
