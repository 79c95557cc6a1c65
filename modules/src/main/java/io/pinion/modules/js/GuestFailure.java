package io.pinion.modules.js;

import io.pinion.modules.ModuleLog.Frame;
import java.util.ArrayList;
import java.util.List;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.PolyglotException.StackFrame;
import org.graalvm.polyglot.SourceSection;
import org.jspecify.annotations.Nullable;

/** What an uncaught exception of a guest says: its text, and where in the author's file. */
record GuestFailure(String message, ScriptNames.@Nullable Place place, List<Frame> trace) {
    private static final int FRAMES_MAX = 64;

    GuestFailure {
        trace = List.copyOf(trace);
    }

    static GuestFailure of(PolyglotException exception, ScriptNames names) {
        List<Frame> trace = new ArrayList<>();
        ScriptNames.Place place = place(exception.getSourceLocation(), names);
        for (StackFrame frame : exception.getPolyglotStackTrace()) {
            if (!frame.isGuestFrame()) {
                continue;
            }
            String function = frame.getRootName();
            if ((function != null && function.endsWith(StackText.END_OF_TRACE)) || trace.size() == FRAMES_MAX) {
                break;
            }
            ScriptNames.Place at = place(frame.getSourceLocation(), names);
            if (at != null) {
                place = place == null ? at : place;
                trace.add(new Frame(at.toString(), function));
            }
        }
        return new GuestFailure(message(exception), place, trace);
    }

    /** For the author: the position, if there is one, and the message. */
    String located() {
        return place == null ? message : place + ": " + message;
    }

    /** The engine's message; of a syntax error's several lines the first, without the position it repeats. */
    private static String message(PolyglotException exception) {
        String message = String.valueOf(exception.getMessage());
        if (!exception.isSyntaxError()) {
            return message;
        }
        String first = message.lines().findFirst().orElse(message);
        return first.replaceFirst("^SyntaxError: \\S+:\\d+:\\d+ ", "SyntaxError: ");
    }

    private static ScriptNames.@Nullable Place place(@Nullable SourceSection section, ScriptNames names) {
        if (section == null || !section.isAvailable() || !section.hasLines()) {
            return null;
        }
        ScriptNames.Place published =
                names.place(section.getSource().getName(), section.getStartLine(), section.getStartColumn());
        return published == null ? null : names.original(published);
    }
}
