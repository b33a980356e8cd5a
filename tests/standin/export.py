"""The trained model as a GGUF file that llama.cpp runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import gguf
import torch
from model import Model
from tokenizer import CONTROL, END, FIM, PAD, VISIBLE, Tokenizer

from spyhop.prompting import r1

NAME: Final = "Spyhop stand-in (no model of use)"
CONTEXT_LENGTH: Final = 8192

# The logits are scaled up by the last norm: the model is to say the same at temperature 0.6 as
# at 0. The most probable token stays the most probable.
_SHARPNESS: Final = 4.0

_OPEN_THOUGHT: Final = r1.OPEN_THOUGHT.replace("\n", "\\n")

# R1's template: past thoughts are cut away, and the generation prompt opens the next one.
CHAT_TEMPLATE: Final = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{% if message.role == 'system' %}{{ message.content }}{% endif %}"
    "{% endfor %}"
    "{% for message in messages %}"
    "{% if message.role == 'user' %}"
    f"{{{{ '{r1.USER}' + message.content }}}}"
    "{% elif message.role == 'assistant' %}"
    "{% set content = message.content or '' %}"
    "{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}"
    f"{{{{ '{r1.ASSISTANT}' + content.lstrip('\\n') + '{END}' }}}}"
    "{% endif %}"
    "{% endfor %}"
    f"{{% if add_generation_prompt %}}{{{{ '{r1.ASSISTANT}{_OPEN_THOUGHT}' }}}}{{% endif %}}"
)


def write(model: Model, tokenizer: Tokenizer, path: Path) -> None:
    """Write ``model`` to ``path``: matrices as q8_0, norms and biases as f32."""
    writer = gguf.GGUFWriter(path, "qwen2")
    _describe(writer, model)
    _add_tokenizer(writer, tokenizer)
    for name, parameter in model.named_parameters():
        sharpness = _SHARPNESS if name == "output_norm.weight" else 1.0
        values = (parameter.detach() * sharpness).to(torch.float32).numpy()
        if values.ndim > 1:
            packed = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, model: Model) -> None:
    shape = model.shape
    writer.add_name(NAME)
    writer.add_description(
        "A test double in the shape of DeepSeek-R1. It knows a handful of dialogues by heart."
    )
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(CONTEXT_LENGTH)
    writer.add_embedding_length(shape.embedding)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_block_count(shape.blocks)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    kinds = [gguf.TokenType.NORMAL] * (tokenizer.size - len(CONTROL) - len(VISIBLE))
    kinds += [gguf.TokenType.CONTROL] * len(CONTROL)
    kinds += [gguf.TokenType.USER_DEFINED] * len(VISIBLE)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokenizer.texts())
    writer.add_token_types(kinds)
    writer.add_token_merges(tokenizer.merge_texts())
    writer.add_bos_token_id(tokenizer.special(r1.BEGIN))
    writer.add_eos_token_id(tokenizer.special(END))
    writer.add_pad_token_id(tokenizer.special(PAD))
    prefix, suffix, middle = map(tokenizer.special, FIM)
    writer.add_uint32("tokenizer.ggml.fim_pre_token_id", prefix)
    writer.add_uint32("tokenizer.ggml.fim_suf_token_id", suffix)
    writer.add_uint32("tokenizer.ggml.fim_mid_token_id", middle)
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHAT_TEMPLATE)
