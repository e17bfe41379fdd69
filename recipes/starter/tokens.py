"""Write the Unigram tokenizer in the format of the `tokenizers` library."""

from __future__ import annotations

import io

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from source import Vocabulary
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from vocabulary import WORD_START


def tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """text -> <s> pieces </s>. Blanks at either end and runs of blanks never reach the model, as in SentencePiece."""
    v = vocabulary
    begin, end = v.pieces[v.begin], v.pieces[v.end]
    scored = list(zip(v.pieces, v.scores, strict=True))
    result = Tokenizer(models.Unigram(scored, unk_id=v.unknown, byte_fallback=False))
    result.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(_character_map()),
            normalizers.Strip(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    result.pre_tokenizer = pre_tokenizers.Metaspace(replacement=WORD_START, prepend_scheme="always", split=True)
    result.add_special_tokens([v.pieces[i] for i in (v.begin, v.pad, v.end, v.unknown)])
    result.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, v.begin), (end, v.end)],
    )
    return result


def _character_map() -> bytes:
    """SentencePiece's NFKC map (rule `nmt_nfkc`, the one XLM-R was trained with): any model it trains carries it."""
    buffer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a shop sells goods"] * 100),
        model_writer=buffer,
        vocab_size=20,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(buffer.getvalue())
    return bytes(model.normalizer_spec.precompiled_charsmap)
