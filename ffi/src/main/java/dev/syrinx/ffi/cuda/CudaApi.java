package dev.syrinx.ffi.cuda;

import dev.syrinx.ffi.CFunction;
import dev.syrinx.ffi.NativeLibrary;

/**
 * The driver's functions that the engine uses, bound once. Parameters in the order of {@code cuda.h}; every pointer and handle is a long. The symbols are those that the
 * header of CUDA 13 maps to.
 */
final class CudaApi {
  final CFunction ctxRetain;
  final CFunction ctxRelease;
  final CFunction ctxSetCurrent;
  final CFunction ctxSynchronize;
  final CFunction deviceAttribute;
  final CFunction memInfo;
  final CFunction moduleLoad;
  final CFunction moduleUnload;
  final CFunction moduleFunction;
  final CFunction funcAttribute;
  final CFunction funcSetAttribute;
  final CFunction funcParameter;
  final CFunction streamCreate;
  final CFunction streamDestroy;
  final CFunction streamSynchronize;
  final CFunction streamWaitEvent;
  final CFunction streamBeginCapture;
  final CFunction streamEndCapture;
  final CFunction graphInstantiate;
  final CFunction graphNodes;
  final CFunction graphLaunch;
  final CFunction graphExecDestroy;
  final CFunction graphDestroy;
  final CFunction eventCreate;
  final CFunction eventDestroy;
  final CFunction eventRecord;
  final CFunction eventSynchronize;
  final CFunction eventElapsed;
  final CFunction memAlloc;
  final CFunction memFree;
  final CFunction memAllocAsync;
  final CFunction memFreeAsync;
  final CFunction hostAlloc;
  final CFunction hostFree;
  final CFunction copyToDevice;
  final CFunction copyToHost;
  final CFunction copyOnDevice;
  final CFunction setBytes;
  final CFunction setWords;
  final CFunction launch;
  final CFunction launchEx;
  final CFunction tensorMap;

  CudaApi(NativeLibrary library) {
    ctxRetain = CFunction.of(library, "cuDevicePrimaryCtxRetain");
    ctxRelease = CFunction.of(library, "cuDevicePrimaryCtxRelease_v2");
    ctxSetCurrent = CFunction.of(library, "cuCtxSetCurrent");
    ctxSynchronize = CFunction.of(library, "cuCtxSynchronize");
    deviceAttribute = CFunction.of(library, "cuDeviceGetAttribute");
    memInfo = CFunction.of(library, "cuMemGetInfo_v2");
    moduleLoad = CFunction.of(library, "cuModuleLoadDataEx");
    moduleUnload = CFunction.of(library, "cuModuleUnload");
    moduleFunction = CFunction.of(library, "cuModuleGetFunction");
    funcAttribute = CFunction.of(library, "cuFuncGetAttribute");
    funcSetAttribute = CFunction.of(library, "cuFuncSetAttribute");
    funcParameter = CFunction.of(library, "cuFuncGetParamInfo");
    streamCreate = CFunction.of(library, "cuStreamCreate");
    streamDestroy = CFunction.of(library, "cuStreamDestroy_v2");
    streamSynchronize = CFunction.of(library, "cuStreamSynchronize");
    streamWaitEvent = CFunction.of(library, "cuStreamWaitEvent");
    streamBeginCapture = CFunction.of(library, "cuStreamBeginCapture_v2");
    streamEndCapture = CFunction.of(library, "cuStreamEndCapture");
    graphInstantiate = CFunction.of(library, "cuGraphInstantiateWithFlags");
    graphNodes = CFunction.of(library, "cuGraphGetNodes");
    graphLaunch = CFunction.of(library, "cuGraphLaunch");
    graphExecDestroy = CFunction.of(library, "cuGraphExecDestroy");
    graphDestroy = CFunction.of(library, "cuGraphDestroy");
    eventCreate = CFunction.of(library, "cuEventCreate");
    eventDestroy = CFunction.of(library, "cuEventDestroy_v2");
    eventRecord = CFunction.of(library, "cuEventRecord");
    eventSynchronize = CFunction.of(library, "cuEventSynchronize");
    eventElapsed = CFunction.of(library, "cuEventElapsedTime_v2");
    memAlloc = CFunction.of(library, "cuMemAlloc_v2");
    memFree = CFunction.of(library, "cuMemFree_v2");
    memAllocAsync = CFunction.of(library, "cuMemAllocAsync");
    memFreeAsync = CFunction.of(library, "cuMemFreeAsync");
    hostAlloc = CFunction.of(library, "cuMemHostAlloc");
    hostFree = CFunction.of(library, "cuMemFreeHost");
    copyToDevice = CFunction.of(library, "cuMemcpyHtoDAsync_v2");
    copyToHost = CFunction.of(library, "cuMemcpyDtoHAsync_v2");
    copyOnDevice = CFunction.of(library, "cuMemcpyDtoDAsync_v2");
    setBytes = CFunction.of(library, "cuMemsetD8Async");
    setWords = CFunction.of(library, "cuMemsetD32Async");
    launch = CFunction.of(library, "cuLaunchKernel");
    launchEx = CFunction.of(library, "cuLaunchKernelEx");
    tensorMap = CFunction.of(library, "cuTensorMapEncodeTiled");
  }
}
