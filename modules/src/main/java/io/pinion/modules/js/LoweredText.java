package io.pinion.modules.js;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The text that the engine runs and how its positions map back to what the author wrote. Threadsafe. Edits keep the number
 * of lines, so only columns move.
 */
final class LoweredText implements ScriptNames {
    private final String text;
    private final String original;
    private final List<Edit> edits;
    private boolean isSourceMapRead;
    /** Read when the first trace needs it; null until then, and if there is none. */
    private @Nullable SourceMap sourceMap;

    /** Instead of {@code removed} characters at an offset of the original stands another text. */
    record Edit(int offset, int removed, String inserted) {}

    private LoweredText(String original, String text, List<Edit> edits) {
        this.original = original;
        this.text = text;
        this.edits = List.copyOf(edits);
    }

    static LoweredText unchanged(String text) {
        return new LoweredText(text, text, List.of());
    }

    /** @param edits by offset, ascending; they do not overlap */
    static LoweredText of(String original, List<Edit> edits) {
        StringBuilder text = new StringBuilder(original.length() + 200);
        int copied = 0;
        for (Edit edit : edits) {
            text.append(original, copied, edit.offset()).append(edit.inserted());
            copied = edit.offset() + edit.removed();
        }
        return new LoweredText(
                original, text.append(original, copied, original.length()).toString(), edits);
    }

    String text() {
        return text;
    }

    boolean isUnchanged() {
        return edits.isEmpty();
    }

    /** Position of an offset of the original text. */
    Place place(int offset) {
        int[] starts = lineStarts(original);
        int line = Arrays.binarySearch(starts, offset);
        line = line < 0 ? -line - 2 : line;
        return new Place(MODULE, line + 1, offset - starts[line] + 1);
    }

    @Override
    public @Nullable Place place(String file, int line, int column) {
        if (file.equals("border.js")) {
            return null;
        }
        if (!file.equals(MODULE) || edits.isEmpty()) {
            return new Place(file, line, column);
        }
        int[] starts = lineStarts(text);
        if (line < 1 || line > starts.length) {
            return new Place(file, line, column);
        }
        return place(originalOffset(starts[line - 1] + column - 1));
    }

    @Override
    public Place original(Place published) {
        if (!published.file().equals(MODULE)) {
            return published;
        }
        SourceMap map = sourceMap();
        Place place = map == null ? null : map.original(published.line(), published.column());
        return place == null ? published : place;
    }

    private synchronized @Nullable SourceMap sourceMap() {
        if (!isSourceMapRead) {
            sourceMap = SourceMap.of(original).orElse(null);
            isSourceMapRead = true;
        }
        return sourceMap;
    }

    private int originalOffset(int offset) {
        int moved = 0;
        for (Edit edit : edits) {
            int at = edit.offset() + moved;
            if (offset < at) {
                break;
            }
            if (offset < at + edit.inserted().length()) {
                return edit.offset();
            }
            moved += edit.inserted().length() - edit.removed();
        }
        return Math.clamp(offset - moved, 0, original.length());
    }

    private static int[] lineStarts(String text) {
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (int at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
            starts.add(at + 1);
        }
        return starts.stream().mapToInt(Integer::intValue).toArray();
    }
}
