/* A stand-in for libnvidia-ml.so.1: what monitors call, answered from a square wave.
 *
 * It measures what a monitor costs, not what a driver costs. Power of every GPU is a square wave
 * on CLOCK_MONOTONIC and the energy counter is its exact integral. From the environment:
 *   VIDGREEN_STANDIN_GPUS    how many GPUs (1)
 *   VIDGREEN_STANDIN_WAVE    period in ms, low in mW, high in mW ("4000,60000,400000")
 *   VIDGREEN_STANDIN_PID     a process that keeps every GPU busy (none)
 * GPU n draws n watts more than GPU 0. What is not here is a function the driver does not have.
 *
 * cc -O2 -shared -fPIC -o libnvidia-ml.so.1 nvml_standin.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OK 0
#define INVALID_ARGUMENT 2
#define NOT_SUPPORTED 3
#define NOT_FOUND 6
#define INSUFFICIENT_SIZE 7
#define MOST_GPUS 64
#define FIELD_ENERGY 83
#define FIELD_POWER_AVERAGE 185
#define FIELD_POWER_INSTANT 186

typedef struct gpu { unsigned index; } *handle;

typedef struct { unsigned long long total, free, used; } memory_v1;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory_v2;
typedef struct { unsigned gpu, memory; } utilization;
typedef struct {
    char bus_id_legacy[16];
    unsigned domain, bus, device, pci_device_id, pci_subsystem_id;
    char bus_id[32];
} pci_info;
typedef union {
    double d;
    unsigned ui;
    unsigned long ul;
    unsigned long long ull;
    long long sll;
} field_number;
typedef struct {
    unsigned id, scope;
    long long timestamp, latency_usec;
    unsigned value_type, result;
    field_number value;
} field_value;

static struct gpu gpus[MOST_GPUS];
static unsigned gpu_count = 1;
static unsigned busy_pid = 0;
static uint64_t period_ms = 4000, low_mw = 60000, high_mw = 400000;

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static unsigned power_mw(handle gpu) {
    uint64_t base = now_us() / 1000 % period_ms < period_ms / 2 ? high_mw : low_mw;
    return (unsigned)(base + 1000u * gpu->index);
}

static unsigned long long energy_mj(handle gpu) {
    uint64_t now = now_us(), period_us = period_ms * 1000, half_us = period_us / 2;
    uint64_t cycles = now / period_us, into_us = now % period_us;
    uint64_t high_us = into_us < half_us ? into_us : half_us;
    double mw_us = (double)cycles * ((double)half_us * (double)high_mw +
                                     (double)(period_us - half_us) * (double)low_mw);
    mw_us += (double)high_us * (double)high_mw + (double)(into_us - high_us) * (double)low_mw;
    mw_us += (double)now * 1000.0 * gpu->index;
    return (unsigned long long)(mw_us / 1e6);
}

static int text(char *into, unsigned size, const char *format, unsigned number) {
    snprintf(into, size, format, number);
    return OK;
}

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    const char *count = getenv("VIDGREEN_STANDIN_GPUS"), *wave = getenv("VIDGREEN_STANDIN_WAVE");
    const char *pid = getenv("VIDGREEN_STANDIN_PID");
    unsigned long long period, low, high;
    if (count) gpu_count = (unsigned)atoi(count);
    if (pid) busy_pid = (unsigned)atoi(pid);
    if (gpu_count > MOST_GPUS) gpu_count = MOST_GPUS;
    if (wave && sscanf(wave, "%llu,%llu,%llu", &period, &low, &high) == 3 && period > 1) {
        period_ms = period, low_mw = low, high_mw = high;
    }
    for (unsigned n = 0; n < gpu_count; n++) gpus[n].index = n;
    return OK;
}

int nvmlInit_v2(void) { return nvmlInitWithFlags(0); }
int nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(int code) { return code == OK ? "Success" : "Stand-in error"; }

int nvmlSystemGetDriverVersion(char *into, unsigned size) { return text(into, size, "610.%u", 57); }
int nvmlSystemGetNVMLVersion(char *into, unsigned size) { return text(into, size, "13.610.%u", 57); }
int nvmlSystemGetCudaDriverVersion(int *version) { *version = 13010; return OK; }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 13010; return OK; }

int nvmlDeviceGetCount_v2(unsigned *count) { *count = gpu_count; return OK; }

int nvmlDeviceGetHandleByIndex_v2(unsigned index, handle *gpu) {
    if (index >= gpu_count) return INVALID_ARGUMENT;
    *gpu = &gpus[index];
    return OK;
}

static int by_text(const char *wanted, const char *format, handle *gpu) {
    char own[64];
    for (unsigned n = 0; n < gpu_count; n++) {
        text(own, sizeof own, format, n);
        if (strcmp(own, wanted) == 0) return nvmlDeviceGetHandleByIndex_v2(n, gpu);
    }
    return NOT_FOUND;
}

#define UUID "GPU-57a4d141-0000-4000-8000-%012x"
#define BUS_ID "00000000:%02X:00.0"

int nvmlDeviceGetHandleByUUID(const char *uuid, handle *gpu) { return by_text(uuid, UUID, gpu); }
int nvmlDeviceGetHandleByPciBusId_v2(const char *id, handle *gpu) { return by_text(id, BUS_ID, gpu); }

int nvmlDeviceGetIndex(handle gpu, unsigned *index) { *index = gpu->index; return OK; }
int nvmlDeviceGetMinorNumber(handle gpu, unsigned *minor) { *minor = gpu->index; return OK; }
int nvmlDeviceGetName(handle gpu, char *into, unsigned size) {
    (void)gpu;
    return text(into, size, "NVIDIA GeForce RTX %u", 4090);
}
int nvmlDeviceGetUUID(handle gpu, char *into, unsigned size) {
    return text(into, size, UUID, gpu->index);
}

int nvmlDeviceGetPciInfo_v3(handle gpu, pci_info *info) {
    memset(info, 0, sizeof *info);
    info->bus = gpu->index;
    info->pci_device_id = 0x268410de;
    text(info->bus_id_legacy, sizeof info->bus_id_legacy, "0000:%02X:00.0", gpu->index);
    return text(info->bus_id, sizeof info->bus_id, BUS_ID, gpu->index);
}

int nvmlDeviceGetMemoryInfo(handle gpu, memory_v1 *memory) {
    (void)gpu;
    memory->total = 24ull << 30, memory->used = 10ull << 30;
    memory->free = memory->total - memory->used;
    return OK;
}

int nvmlDeviceGetMemoryInfo_v2(handle gpu, memory_v2 *memory) {
    (void)gpu;
    memory->total = 24ull << 30, memory->reserved = 0, memory->used = 10ull << 30;
    memory->free = memory->total - memory->used;
    return OK;
}

int nvmlDeviceGetBAR1MemoryInfo(handle gpu, memory_v1 *memory) {
    return nvmlDeviceGetMemoryInfo(gpu, memory);
}

int nvmlDeviceGetUtilizationRates(handle gpu, utilization *rates) {
    rates->gpu = power_mw(gpu) > (low_mw + high_mw) / 2 ? 99 : 3;
    rates->memory = rates->gpu / 2;
    return OK;
}

int nvmlDeviceGetPowerUsage(handle gpu, unsigned *milliwatts) {
    *milliwatts = power_mw(gpu);
    return OK;
}

int nvmlDeviceGetTotalEnergyConsumption(handle gpu, unsigned long long *millijoules) {
    *millijoules = energy_mj(gpu);
    return OK;
}

int nvmlDeviceGetPowerManagementLimitConstraints(handle gpu, unsigned *least, unsigned *most) {
    (void)gpu;
    *least = 150000, *most = 600000;
    return OK;
}

#define CONSTANT(name, value) \
    int name(handle gpu, unsigned *into) { (void)gpu; *into = (value); return OK; }

CONSTANT(nvmlDeviceGetEnforcedPowerLimit, 450000)
CONSTANT(nvmlDeviceGetPowerManagementLimit, 450000)
CONSTANT(nvmlDeviceGetPowerManagementDefaultLimit, 450000)
CONSTANT(nvmlDeviceGetArchitecture, 8)
CONSTANT(nvmlDeviceGetPerformanceState, 2)
CONSTANT(nvmlDeviceGetPowerState, 2)
CONSTANT(nvmlDeviceGetPersistenceMode, 1)
CONSTANT(nvmlDeviceGetComputeMode, 0)
CONSTANT(nvmlDeviceGetDisplayActive, 0)
CONSTANT(nvmlDeviceGetDisplayMode, 0)
CONSTANT(nvmlDeviceGetFanSpeed, 40)

int nvmlDeviceGetTemperature(handle gpu, unsigned sensor, unsigned *celsius) {
    (void)gpu, (void)sensor;
    *celsius = 64;
    return OK;
}

int nvmlDeviceGetClockInfo(handle gpu, unsigned kind, unsigned *mhz) {
    (void)gpu, (void)kind;
    *mhz = 2520;
    return OK;
}

int nvmlDeviceGetMaxClockInfo(handle gpu, unsigned kind, unsigned *mhz) {
    return nvmlDeviceGetClockInfo(gpu, kind, mhz);
}

int nvmlDeviceGetEncoderUtilization(handle gpu, unsigned *percent, unsigned *period_us) {
    (void)gpu;
    *percent = 0, *period_us = 167000;
    return OK;
}

int nvmlDeviceGetDecoderUtilization(handle gpu, unsigned *percent, unsigned *period_us) {
    return nvmlDeviceGetEncoderUtilization(gpu, percent, period_us);
}

int nvmlDeviceGetPcieThroughput(handle gpu, unsigned counter, unsigned *kilobytes) {
    (void)gpu, (void)counter;
    *kilobytes = 1000;
    return OK;
}

int nvmlDeviceGetCudaComputeCapability(handle gpu, int *major, int *minor) {
    (void)gpu;
    *major = 8, *minor = 9;
    return OK;
}

typedef struct {
    unsigned pid;
    unsigned long long used_memory;
    unsigned gpu_instance, compute_instance;
} process_info;
typedef struct {
    unsigned pid;
    unsigned long long timestamp_us;
    unsigned sm, memory, encoder, decoder;
} process_sample;

static int processes(unsigned *count, process_info *into) {
    unsigned room = *count;
    *count = busy_pid ? 1 : 0;
    if (!busy_pid) return OK;
    if (!room || !into) return INSUFFICIENT_SIZE;
    *into = (process_info){busy_pid, 10ull << 30, 0xffffffff, 0xffffffff};
    return OK;
}

static int no_processes(unsigned *count, process_info *into) {
    (void)into;
    *count = 0;
    return OK;
}

int nvmlDeviceGetProcessUtilization(handle gpu, process_sample *into, unsigned *count,
                                    unsigned long long since_us) {
    unsigned room = *count;
    (void)gpu;
    if (!busy_pid || since_us >= now_us()) return NOT_FOUND;
    *count = 1;
    if (!room || !into) return INSUFFICIENT_SIZE;
    *into = (process_sample){busy_pid, now_us(), 97, 40, 0, 0};
    return OK;
}

#define PROCESSES(name, told) \
    int name(handle gpu, unsigned *count, process_info *into) { \
        (void)gpu; \
        return told(count, into); \
    }

PROCESSES(nvmlDeviceGetComputeRunningProcesses_v3, processes)
PROCESSES(nvmlDeviceGetGraphicsRunningProcesses_v3, no_processes)
PROCESSES(nvmlDeviceGetMPSComputeRunningProcesses_v3, no_processes)

int nvmlDeviceGetFieldValues(handle gpu, int count, field_value *fields) {
    for (int n = 0; n < count; n++) {
        field_value *field = &fields[n];
        field->timestamp = (long long)now_us();
        field->latency_usec = 0;
        field->result = OK;
        switch (field->scope ? 0 : field->id) {
        case FIELD_ENERGY:
            field->value_type = 3;
            field->value.ull = energy_mj(gpu);
            break;
        case FIELD_POWER_AVERAGE:
        case FIELD_POWER_INSTANT:
            field->value_type = 1;
            field->value.ui = power_mw(gpu);
            break;
        default:
            field->result = NOT_SUPPORTED;
        }
    }
    return OK;
}
