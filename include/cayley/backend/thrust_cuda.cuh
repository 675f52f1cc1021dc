/// The backend `Thrust<Cuda>`: NVIDIA GPUs, by Thrust, cuBLAS and one kernel of our own. For nvcc; includes no Eigen.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <thrust/execution_policy.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>
#include <thrust/mr/disjoint_sync_pool.h>
#include <thrust/mr/new.h>
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/system/cuda/memory_resource.h>

#include <algorithm>
#include <cayley/backend/concept.hpp>
#include <cayley/backend/gemm_call.hpp>
#include <cayley/backend/thrust_options.hpp>
#include <cayley/core/error.hpp>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cayley {

/// The system of `Thrust<Cuda>`.
struct Cuda {
  static constexpr std::string_view name = "cuda";
};

namespace detail {

inline void require_cuda(cudaError_t result, char const* what) {
  if (result == cudaSuccess) return;
  cudaGetLastError();  // so that nobody else meets it
  fail("cuda: ", what, ": ", cudaGetErrorName(result), " (", cudaGetErrorString(result), ")");
}
inline void require_cublas(cublasStatus_t result, char const* what) {
  if (result != CUBLAS_STATUS_SUCCESS) {
    fail("cuda: ", what, ": ", cublasGetStatusName(result), " (", cublasGetStatusString(result), ")");
  }
}

/// The lanes of a warp, which share a row.
struct WarpLanes {
  int lane;

  CAYLEY_HOST_DEVICE Index rank() const { return lane; }
  CAYLEY_HOST_DEVICE static constexpr Index size() { return 32; }
  template <class T>
  CAYLEY_HOST_DEVICE T sum(T x) const {
#ifdef __CUDA_ARCH__
    for (int distance = 16; distance > 0; distance /= 2) x += __shfl_xor_sync(0xffffffffu, x, distance);
#endif
    return x;
  }
  template <class T>
  CAYLEY_HOST_DEVICE T max(T x) const {
#ifdef __CUDA_ARCH__
    for (int distance = 16; distance > 0; distance /= 2) {
      const T other = __shfl_xor_sync(0xffffffffu, x, distance);
      x = x < other ? other : x;
    }
#endif
    return x;
  }
  CAYLEY_HOST_DEVICE void sync() const {
#ifdef __CUDA_ARCH__
    __syncwarp();
#endif
  }
};

inline constexpr int rows_per_block = 8;

/// functor(row, lanes) for every row, a warp for each. With room for 128 registers a thread; without a number of blocks the
/// compiler would rather spill than use more than 32.
template <class Functor>
__global__ void __launch_bounds__(32 * rows_per_block, 2) run_rows(Index rows, const Functor functor) {
  const Index row = static_cast<Index>(blockIdx.x) * rows_per_block + threadIdx.x / 32;
  if (row < rows) functor(row, WarpLanes{static_cast<int>(threadIdx.x % 32)});
}

/// Does nothing, where a program has code for the device.
template <class = void>
__global__ void probe_device() {}

/// Memory of the device that was given back, to be used again: the driver takes milliseconds.
inline auto& cuda_memory() {
  using Pool = thrust::mr::disjoint_synchronized_pool_resource<thrust::system::cuda::memory_resource,
                                                               thrust::mr::new_delete_resource>;
  // Never destroyed: the driver may be gone before the last static object.
  static Pool& pool = *new Pool(thrust::mr::get_global_resource<thrust::system::cuda::memory_resource>(),
                                thrust::mr::get_global_resource<thrust::mr::new_delete_resource>());
  return pool;
}

inline std::string cuda_version(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

/// Errors: `Error` saying in one line why there is no device that this program can use: no driver, a driver that is too old,
///         no device, or a device that is too old.
inline void require_cuda_device() {
  int devices = 0, driver = 0, runtime = 0;
  const cudaError_t found = cudaGetDeviceCount(&devices);
  cudaGetLastError();
  cudaDriverGetVersion(&driver);
  cudaRuntimeGetVersion(&runtime);
  if (driver == 0) fail("cuda: no driver: install NVIDIA's driver for CUDA ", cuda_version(runtime));
  if (found == cudaErrorInsufficientDriver) {
    fail("cuda: the driver is too old: it is for CUDA ", cuda_version(driver), ", this program for CUDA ",
         cuda_version(runtime));
  }
  if (found == cudaErrorNoDevice || (found == cudaSuccess && devices == 0)) fail("cuda: no device");
  require_cuda(found, "looking for devices");
  cudaFuncAttributes attributes;
  const cudaError_t code = cudaFuncGetAttributes(&attributes, probe_device<>);
  if (code == cudaErrorNoKernelImageForDevice || code == cudaErrorInvalidDeviceFunction) {
    cudaGetLastError();
    cudaDeviceProp properties;
    int device = 0;
    require_cuda(cudaGetDevice(&device), "looking for the device");
    require_cuda(cudaGetDeviceProperties(&properties, device), "looking for the device");
    fail("cuda: the device ", properties.name, " has compute capability ", properties.major, ".", properties.minor,
         ", for which this program was not compiled");
  }
  require_cuda(code, "looking for the device");
}

/// What the handles of one device share: a stream, and cuBLAS with memory of its own, so that its calls can be recorded.
class CudaDevice {
 public:
  explicit CudaDevice(bool allow_tf32) {
    require_cuda_device();
    // Waits for the legacy stream, on which buffers are made.
    require_cuda(cudaStreamCreate(&stream_), "making a stream");
    try {
      require_cublas(cublasCreate(&blas_), "starting cuBLAS");
      require_cublas(cublasSetStream(blas_, stream_), "starting cuBLAS");
      require_cuda(cudaMalloc(&workspace_, workspace_size), "memory for cuBLAS");
      require_cublas(cublasSetWorkspace(blas_, workspace_, workspace_size), "starting cuBLAS");
      require_cublas(cublasSetMathMode(blas_, allow_tf32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH),
                     "starting cuBLAS");
    } catch (...) {
      release();
      throw;
    }
  }
  CudaDevice(CudaDevice const&) = delete;
  CudaDevice& operator=(CudaDevice const&) = delete;
  ~CudaDevice() { release(); }

  cudaStream_t stream() const { return stream_; }
  cublasHandle_t blas() const { return blas_; }

 private:
  static constexpr std::size_t workspace_size = std::size_t{32} << 20;

  void release() {
    if (blas_ != nullptr) cublasDestroy(blas_);
    if (workspace_ != nullptr) cudaFree(workspace_);
    if (stream_ != nullptr) cudaStreamDestroy(stream_);
  }

  cudaStream_t stream_ = nullptr;
  cublasHandle_t blas_ = nullptr;
  void* workspace_ = nullptr;
};

}  // namespace detail

/// Computes on the current CUDA device, in a stream of its own that the copies of a backend share.
///
/// Nothing but `upload` and `download` waits. Rows are shared by the 32 lanes of a warp. Matrix products are cuBLAS's, in
/// float without TF32 unless the options allow it.
/// Accuracy: the same bits each time on the same device and libraries. `threads` of the options is ignored.
template <>
class Thrust<Cuda> {
  using Counters = detail::WorkCounters<Thrust>;

 public:
  static constexpr std::string_view name = Cuda::name;
  static constexpr bool joins_rows = true;

  Thrust() : Thrust(ThrustOptions{}) {}
  /// Without a budget chunks may take a quarter of the device's memory.
  /// Errors: `Error` saying in one line why there is no device, see `require_cuda_device`; for a negative budget.
  explicit Thrust(ThrustOptions const& options)
      : device_(std::make_shared<detail::CudaDevice>(options.allow_tf32)), memory_budget_(options.memory_budget) {
    require(memory_budget_ >= 0, "cuda: memory_budget: expected at least 0 bytes, found ", memory_budget_);
    if (memory_budget_ > 0) return;
    std::size_t free = 0, total = 0;
    detail::require_cuda(cudaMemGetInfo(&free, &total), "asking for the memory of the device");
    memory_budget_ = static_cast<Index>(total / 4);
  }

  /// Of all backends of this type.
  static BackendCounts counts() { return Counters::read(); }

  Index memory_budget() const { return memory_budget_; }

  /// `size` values on the device, zero at first.
  template <class T>
  class Buffer {
    static_assert(std::is_trivially_copyable_v<T>);

   public:
    Buffer() = default;
    explicit Buffer(Index size) : size_(size), data_(allocate(size)) {
      if (size > 0) detail::require_cuda(cudaMemsetAsync(data_, 0, bytes(), cudaStreamLegacy), "clearing a buffer");
    }
    Buffer(Buffer const& other) : size_(other.size_), data_(allocate(other.size_)) {
      if (size_ == 0) return;
      detail::require_cuda(cudaMemcpyAsync(data_, other.data_, bytes(), cudaMemcpyDeviceToDevice, cudaStreamLegacy),
                           "copying a buffer");
    }
    Buffer(Buffer&& other) noexcept
        : size_(std::exchange(other.size_, 0)), data_(std::exchange(other.data_, nullptr)) {}
    Buffer& operator=(Buffer other) noexcept {
      std::swap(size_, other.size_);
      std::swap(data_, other.data_);
      return *this;
    }
    ~Buffer() {
      if (data_ != nullptr) detail::cuda_memory().do_deallocate(Pointer(data_), bytes(), alignment);
    }

    T* data() { return data_; }
    T const* data() const { return data_; }
    Index size() const { return size_; }

   private:
    using Pointer = thrust::system::cuda::memory_resource::pointer;
    static constexpr std::size_t alignment = 256;

    std::size_t bytes() const { return static_cast<std::size_t>(size_) * sizeof(T); }

    static T* allocate(Index size) {
      if (size == 0) return nullptr;
      Counters::add(Counters::allocations);
      const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(T);
      try {
        return static_cast<T*>(detail::cuda_memory().do_allocate(bytes, alignment).get());
      } catch (std::bad_alloc const&) {
        cudaGetLastError();
        fail("cuda: no memory for a buffer of ", bytes, " bytes; a smaller memory budget may help");
      }
    }

    Index size_ = 0;
    T* data_ = nullptr;
  };

  /// Errors: `Error` when the sizes differ.
  template <class T>
  void upload(std::span<T const> host, Buffer<T>& buffer) const {
    copy(buffer.data(), host.data(), host.size(), buffer.size(), cudaMemcpyHostToDevice);
  }
  template <class T>
  void upload(std::span<T> host, Buffer<T>& buffer) const {
    upload(std::span<T const>(host), buffer);
  }

  /// Errors: `Error` when the sizes differ, or when something that was launched before has failed.
  template <class T>
  void download(Buffer<T> const& buffer, std::span<T> host) const {
    copy(host.data(), buffer.data(), host.size(), buffer.size(), cudaMemcpyDeviceToHost);
  }

  /// c = alpha a b + beta c for every matrix of the batch; c shares no memory with a or b.
  /// Errors: `Error` as in `gemm_call`.
  template <class T>
  void matrix_product(MatrixView<std::type_identity_t<T> const> a, MatrixView<std::type_identity_t<T> const> b,
                      MatrixView<T> c, std::type_identity_t<T> alpha, std::type_identity_t<T> beta) const {
    const GemmCall<T> call = gemm_call<T>(a, b, c);
    if (call.m == 0 || call.n == 0 || call.batches == 0) return;
    Counters::add(Counters::launches);
    const auto operation = [](bool transpose) { return transpose ? CUBLAS_OP_T : CUBLAS_OP_N; };
    const auto run = [&](auto gemm) {
      detail::require_cublas(gemm(device_->blas(), operation(call.transpose_a), operation(call.transpose_b), call.m,
                                  call.n, call.k, &alpha, call.a, call.lda, call.stride_a, call.b, call.ldb,
                                  call.stride_b, &beta, call.c, call.ldc, call.stride_c, call.batches),
                             "matrix product");
    };
    if constexpr (std::same_as<T, float>) {
      run(cublasSgemmStridedBatched);
    } else {
      static_assert(std::same_as<T, double>, "matrix products are for float and double");
      run(cublasDgemmStridedBatched);
    }
  }

  /// Calls functor(i) for i = 0 .. count-1, each in a thread.
  template <class Functor>
  void for_each(Index count, Functor const& functor) const {
    if (count <= 0) return;
    Counters::add(Counters::launches);
    thrust::for_each_n(thrust::cuda::par_nosync(detail::cuda_memory()).on(device_->stream()),
                       thrust::counting_iterator<Index>(0), count, functor);
  }

  /// Calls functor(row, lanes) for row = 0 .. rows-1, each in the 32 lanes of a warp.
  template <class Functor>
  void for_each_row(Index rows, Functor const& functor) const {
    if (rows <= 0) return;
    Counters::add(Counters::launches);
    const Index blocks = (rows + detail::rows_per_block - 1) / detail::rows_per_block;
    require(blocks <= 0x7fffffff, "cuda: a launch has at most 2^34 rows, found ", rows);
    detail::run_rows<<<static_cast<unsigned>(blocks), 32 * detail::rows_per_block, 0, device_->stream()>>>(rows,
                                                                                                           functor);
    detail::require_cuda(cudaGetLastError(), "launching a kernel");
  }

  /// As many rows as the memory budget has room for.
  Index preferred_rows(Index row_bytes) const {
    return std::max<Index>(1, memory_budget_ / std::max<Index>(1, row_bytes));
  }

  /// A CUDA graph of launches.
  class Recording {
   public:
    Recording() = default;
    Recording(Recording const&) {}
    Recording(Recording&& other) noexcept : graph_(std::exchange(other.graph_, nullptr)) {}
    Recording& operator=(Recording other) noexcept {
      std::swap(graph_, other.graph_);
      return *this;
    }
    ~Recording() {
      if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
    }

   private:
    friend Thrust;
    cudaGraphExec_t graph_ = nullptr;
  };

  /// Runs what `work` launches: captured into a graph at the first call, the graph at those that follow.
  /// Errors: `Error` when it cannot be captured, as when it allocates or waits.
  template <class Work>
  void replay(Recording& recording, Work const& work) const {
    if (recording.graph_ == nullptr) record(recording, work);
    Counters::add(Counters::launches);
    detail::require_cuda(cudaGraphLaunch(recording.graph_, device_->stream()), "running a recorded step");
  }

 private:
  template <class Work>
  void record(Recording& recording, Work const& work) const {
    const cudaStream_t stream = device_->stream();
    detail::require_cuda(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "recording a step");
    cudaGraph_t graph = nullptr;
    try {
      work();
    } catch (...) {
      cudaStreamEndCapture(stream, &graph);
      if (graph != nullptr) cudaGraphDestroy(graph);
      cudaGetLastError();
      throw;
    }
    detail::require_cuda(cudaStreamEndCapture(stream, &graph), "recording a step");
    const cudaError_t made = cudaGraphInstantiate(&recording.graph_, graph, 0);
    cudaGraphDestroy(graph);
    detail::require_cuda(made, "recording a step");
  }

  template <class T>
  void copy(T* to, T const* from, std::size_t host, Index buffer, cudaMemcpyKind kind) const {
    require(static_cast<Index>(host) == buffer, "cuda: copy between ", host, " host values and a buffer of ", buffer);
    if (host == 0) return;
    Counters::add(Counters::synchronizations);
    detail::require_cuda(cudaMemcpyAsync(to, from, host * sizeof(T), kind, device_->stream()), "copying");
    detail::require_cuda(cudaStreamSynchronize(device_->stream()), "copying");
  }

  std::shared_ptr<detail::CudaDevice> device_;
  Index memory_budget_;
};

}  // namespace cayley
