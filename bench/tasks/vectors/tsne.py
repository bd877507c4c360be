# The same map by scikit-learn: bench/tasks/vectors/tsne.mjs says how.
import json
import sys
import time

import numpy as np
import sklearn
from sklearn.manifold import TSNE

vectors = np.fromfile(sys.argv[1], dtype=np.float32).reshape(-1, 50)
before = time.process_time()
# 250 iterations of early exaggeration, and 500; none is left out where little changes.
model = TSNE(
    init="pca",
    learning_rate="auto",
    n_iter=750,
    n_jobs=1,
    random_state=0,
    n_iter_without_progress=10_000,
    min_grad_norm=0,
)
layout = model.fit_transform(vectors)
seconds = time.process_time() - before
layout.astype(np.float32).tofile(sys.argv[2])
print(json.dumps({"name": f"scikit-learn {sklearn.__version__}", "seconds": seconds, "own": float(model.kl_divergence_)}))
