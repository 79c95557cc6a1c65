package io.pinion.actors.core;

/** {@code pinion.cores.reserve}: which CPUs, or how many of those that may be used, belong to cores. */
sealed interface Reserve {
    /** Cores that a node may have. */
    int COUNT_MAX = 1024;

    /** Half of the usable CPUs, at least one. */
    enum Auto implements Reserve {
        INSTANCE;

        @Override
        public String toString() {
            return "auto";
        }
    }

    /** From 1 to {@link #COUNT_MAX}. */
    record Count(int count) implements Reserve {
        @Override
        public String toString() {
            return Integer.toString(count);
        }
    }

    /** This part of the usable CPUs, at least one; more than 0 and less than 100. */
    record Percent(double percent) implements Reserve {
        @Override
        public String toString() {
            return (percent == Math.rint(percent) ? Long.toString((long) percent) : Double.toString(percent)) + "%";
        }
    }

    /** These CPUs, at least one and at most {@link #COUNT_MAX}. */
    record Cpus(CpuMask cpus) implements Reserve {
        @Override
        public String toString() {
            return "[" + cpus + "]";
        }
    }
}
