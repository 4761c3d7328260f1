"""Makes the modules of an official checkout importable where some of the packages it names (but these modules do not need) are missing."""
import importlib.machinery
import importlib.util
import sys
import types
from types import SimpleNamespace


def _stub(name, **members):
    if name in sys.modules:
        return
    module = types.ModuleType(name)
    module.__path__ = []
    module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    module.__getattr__ = lambda attribute: _nothing(name, attribute)
    module.__dict__.update(members)
    sys.modules[name] = module


def _nothing(name, attribute):
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    return type(attribute, (), {})


def use(path):
    """Puts the checkout on the module path."""
    if path not in sys.path:
        sys.path.insert(0, path)
    for name in ("munch", "librosa", "torchaudio", "matplotlib", "soundfile", "audiotools", "whisper", "torchtext", "textstat", "tiktoken"):
        if name not in sys.modules and importlib.util.find_spec(name) is None:
            _stub(name)
            for part in ("filters", "util", "functional", "pylab", "pyplot", "tokenizer"):
                _stub(f"{name}.{part}")
            _stub(f"{name}.functional.functional")
    # the regulator imports a quantizer that this configuration does not use, whose package pulls in much more
    for name in ("indextts.s2mel.dac", "indextts.s2mel.dac.nn", "indextts.s2mel.dac.nn.quantize"):
        _stub(name, VectorQuantize=None)


def names(value):
    """Dictionaries to attribute access, as the official configuration objects have it."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: names(item) for key, item in value.items()})
    return value


def newer_transformers():
    """Lets the official generation code import with transformers 4.57: classes that it names but this model does not use are gone there."""
    import importlib
    for name in ("cache_utils", "configuration_utils", "generation", "generation.configuration_utils", "utils", "modeling_utils",
                 "generation.candidate_generator", "generation.utils", "pytorch_utils", "generation.logits_process", "generation.stopping_criteria",
                 "generation.beam_search", "modeling_outputs", "utils.model_parallel_utils"):
        try:
            module = importlib.import_module(f"transformers.{name}")
        except ImportError:
            module = None
        if module is None:
            _stub(f"transformers.{name}")
            continue
        if not hasattr(module, "__path__"):
            module.__getattr__ = lambda attribute, name=name: _nothing(name, attribute)


def older_defaults():
    """Settings of generation that the official code asks for and transformers 4.57 no longer knows: all off."""
    from transformers import GenerationConfig
    for name in ("forced_decoder_ids", "begin_suppress_tokens", "suppress_tokens", "forced_bos_token_id", "force_words_ids", "constraints", "dola_layers",
                 "penalty_alpha", "low_memory", "sequence_bias", "diversity_penalty", "num_beam_groups"):
        if not hasattr(GenerationConfig, name):
            setattr(GenerationConfig, name, None)


def unified_voice():
    """The official GPT class with the widths that it fixes as constants replaced by those of dims.py."""
    from torch import nn

    import dims
    newer_transformers()
    older_defaults()
    from indextts.gpt import model_v2
    conformer, perceiver = model_v2.ConformerEncoder, model_v2.PerceiverResampler

    def narrow(input_size, **others):
        encoder = conformer(input_size=dims.HIDDEN, **others)
        table = encoder.embed.pos_enc
        table.pe, table.max_len = table.pe[:, :dims.POSITION_ROWS].contiguous(), dims.POSITION_ROWS
        return encoder

    model_v2.ConformerEncoder = narrow
    model_v2.PerceiverResampler = lambda dim, **others: perceiver(dims.EMO_PERCEIVER if others.get("num_latents") == 1 else dim, **others)
    try:
        voice = model_v2.UnifiedVoice(**dims.config()["gpt"])
    finally:
        model_v2.ConformerEncoder, model_v2.PerceiverResampler = conformer, perceiver
    voice.emovec_layer = nn.Linear(dims.EMO_PERCEIVER, dims.GPT["model_dim"])
    return voice.eval()
