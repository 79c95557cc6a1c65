package io.pinion.modules.js;

import io.pinion.modules.ModuleLog.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the {@code stack} of a JavaScript error. */
final class StackText {
    /** Frames of a function with this name and everything below are the guest library's, not the author's. */
    static final String END_OF_TRACE = "__spacetimedb_end_short_backtrace";

    private static final Pattern FRAME = Pattern.compile("^\\s*at (?:(.*?) \\()?([^()\\s]+):(\\d+):(\\d+)\\)?$");

    private StackText() {}

    /** @param place in what was published */
    record Position(@Nullable String function, ScriptNames.Place place) {
        Frame toFrame(ScriptNames names) {
            return new Frame(names.original(place).toString(), function);
        }
    }

    /** Innermost first; without the host's own frames. */
    static List<Position> parse(@Nullable String stack, ScriptNames names) {
        if (stack == null) {
            return List.of();
        }
        List<Position> positions = new ArrayList<>();
        for (String line : stack.split("\n", -1)) {
            Matcher frame = FRAME.matcher(line);
            if (!frame.matches()) {
                continue;
            }
            String function = frame.group(1);
            if (function != null && function.endsWith(END_OF_TRACE)) {
                break;
            }
            ScriptNames.Place place =
                    names.place(frame.group(2), Integer.parseInt(frame.group(3)), Integer.parseInt(frame.group(4)));
            if (place != null) {
                positions.add(new Position(function, place));
            }
        }
        return positions;
    }
}
