package io.pinion.modules.host;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The running console timers of one instance, by handle from 1; freed handles are given out again. */
final class ConsoleTimers {
    private static final int OPEN_MAX = 1 << 16;

    private @Nullable Timer[] slots = new Timer[8];

    record Timer(String name, long startNanos) {}

    int start(String name) {
        int handle = 1;
        while (handle < slots.length && slots[handle] != null) {
            handle++;
        }
        if (handle > OPEN_MAX) {
            throw new HostTrap("more than " + OPEN_MAX + " console timers are running");
        }
        if (handle == slots.length) {
            slots = Arrays.copyOf(slots, slots.length << 1);
        }
        slots[handle] = new Timer(name, System.nanoTime());
        return handle;
    }

    @Nullable
    Timer end(int handle) {
        if (handle <= 0 || handle >= slots.length) {
            return null;
        }
        Timer timer = slots[handle];
        slots[handle] = null;
        return timer;
    }

    int closeAll() {
        int closed = 0;
        for (int handle = 1; handle < slots.length; handle++) {
            if (end(handle) != null) {
                closed++;
            }
        }
        return closed;
    }

    /** {@code Timing span "name": 1.234567ms}, the name quoted and escaped. */
    static String message(Timer timer, long endNanos) {
        return "Timing span " + quoted(timer.name()) + ": " + duration(endNanos - timer.startNanos());
    }

    private static String quoted(String name) {
        StringBuilder text = new StringBuilder(name.length() + 2).append('"');
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        text.append("\\u{").append(Integer.toHexString(c)).append('}');
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        return text.append('"').toString();
    }

    /** In the largest unit of which there is one whole, without trailing zeros. */
    static String duration(long nanos) {
        if (nanos >= 1_000_000_000) {
            return decimal(nanos, 1_000_000_000, 9) + "s";
        }
        if (nanos >= 1_000_000) {
            return decimal(nanos, 1_000_000, 6) + "ms";
        }
        return nanos >= 1_000 ? decimal(nanos, 1_000, 3) + "µs" : nanos + "ns";
    }

    private static String decimal(long value, long unit, int digits) {
        String fraction = Long.toString(unit + value % unit).substring(1, 1 + digits);
        int end = digits;
        while (end > 0 && fraction.charAt(end - 1) == '0') {
            end--;
        }
        return end == 0 ? Long.toString(value / unit) : value / unit + "." + fraction.substring(0, end);
    }
}
