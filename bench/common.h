/* What the load generators have in common: time, identities, latencies, JSON. */
#ifndef SIPWAY_BENCH_COMMON_H
#define SIPWAY_BENCH_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum {
    ID_DIGITS = 16,
    SUB_BUCKETS = 64, /* latencies are kept to within 1/64 */
};

#define NANOSECONDS 1000000000ull

static inline uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NANOSECONDS + (uint64_t)time.tv_nsec;
}

/* ---- identities: 16 bits of the run, so that a message of an earlier one is told apart; 32 bits
 * that count; 16 bits of the slot ---- */

static inline uint64_t new_run(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (uint64_t)(time.tv_sec ^ time.tv_nsec) << 48 | 1ull << 63;
}

static inline void write_id(char *at, uint64_t id)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = ID_DIGITS - 1; i >= 0; i--, id >>= 4)
        at[i] = digits[id & 15];
}

static inline bool read_id(const char *at, uint64_t *id)
{
    *id = 0;
    for (int i = 0; i < ID_DIGITS; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        *id = *id << 4 | (uint64_t)digit;
    }
    return true;
}

/* ---- latencies: a histogram with buckets that grow with the value ---- */

struct histogram {
    uint64_t total;
    uint64_t counts[64 * SUB_BUCKETS];
};

static inline void record(struct histogram *histogram, uint64_t value)
{
    size_t bucket = value;
    if (value >= SUB_BUCKETS) {
        int shift = 63 - __builtin_clzll(value) - 6;
        bucket = (size_t)(shift + 1) * SUB_BUCKETS + (size_t)((value >> shift) - SUB_BUCKETS);
    }
    histogram->counts[bucket]++;
    histogram->total++;
}

/* Of latencies in nanoseconds; 0 without any. */
static inline double percentile_us(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)histogram->total), seen = 0;
    for (size_t bucket = 0; bucket < 64 * SUB_BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen > wanted) {
            size_t shift = bucket < SUB_BUCKETS ? 0 : bucket / SUB_BUCKETS - 1;
            uint64_t value = bucket < SUB_BUCKETS ? bucket : bucket % SUB_BUCKETS + SUB_BUCKETS;
            return (double)(value << shift) / 1000;
        }
    }
    return 0;
}

/* ---- JSON ---- */

static inline void print_json_text(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\' || c < ' ' || c > '~')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

#endif
