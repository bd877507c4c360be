# After the Python of docs/onnx.md: frames, and what the model says of them as one sequence.
import json

x, state = torch.randn(1, 50, 8), torch.zeros(1, 1, 16)
with torch.no_grad():
    y, _, _ = model(x, state, state)
print(json.dumps({"torch": torch.__version__, "frames": x[0].tolist(), "said": y[0].tolist()}))
