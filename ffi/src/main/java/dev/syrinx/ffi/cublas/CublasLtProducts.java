package dev.syrinx.ffi.cublas;

import dev.syrinx.ffi.cuda.CudaStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** cuBLASLt's products: the library is asked once for the best algorithm of a shape. */
public final class CublasLtProducts implements Products {
  /** Shapes whose algorithm is kept. A model has some dozens for each length of speech; those that were not used for longest are forgotten. */
  private static final int MOST_SHAPES = 1024;

  private final CublasLt library;
  private final long workspace;
  private final Map<MatmulShape, CublasLtMatmul> known = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<MatmulShape, CublasLtMatmul> eldest) {
      if (size() <= MOST_SHAPES) {
        return false;
      }
      eldest.getValue().close(); // describes only: products under way and recorded ones do not need it
      return true;
    }
  };

  /**
   * Products of a library, which this closes.
   *
   * @param workspace device address of {@link Products#WORKSPACE} bytes, 256-byte aligned
   */
  public CublasLtProducts(CublasLt library, long workspace) {
    this.library = library;
    this.workspace = workspace;
  }

  @Override
  public String name() {
    return "cuBLASLt (" + library.loadedAs() + ")";
  }

  @Override
  public void run(MatmulShape shape, boolean accumulate, long x, long w, long y, CudaStream stream) {
    CublasLtMatmul matmul = known.get(shape);
    if (matmul == null) {
      matmul = library.matmul(shape, WORKSPACE);
      known.put(shape, matmul);
    }
    matmul.run(x, w, y, accumulate, workspace, stream);
  }

  @Override
  public void close() {
    known.values().forEach(CublasLtMatmul::close);
    known.clear();
    library.close();
  }
}
