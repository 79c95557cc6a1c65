package io.pinion.actors.log;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pinion.modules.ModuleLog.Frame;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ModuleLog.LogRecord;
import io.pinion.store.value.SatsJson;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** A line of a module log as one JSON object; the level is its first key, what is absent is left out. */
public final class LogLine {
    private LogLine() {}

    public static String json(LogRecord record) {
        StringWriter text = new StringWriter(160);
        try (JsonGenerator out = SatsJson.generator(text)) {
            out.writeStartObject();
            out.writeStringField("level", record.level().label());
            out.writeNumberField("ts", record.timestampMicros());
            optional(out, "target", record.target());
            optional(out, "filename", record.filename());
            Integer lineNumber = record.lineNumber();
            if (lineNumber != null) {
                out.writeNumberField("line_number", lineNumber);
            }
            optional(out, "function", record.function());
            out.writeStringField("message", record.message());
            if (record.level() == Level.PANIC) {
                trace(out, record);
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    private static void trace(JsonGenerator out, LogRecord record) throws IOException {
        out.writeArrayFieldStart("trace");
        for (Frame frame : record.trace()) {
            out.writeStartObject();
            optional(out, "module_name", frame.moduleName());
            optional(out, "func_name", frame.functionName());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void optional(JsonGenerator out, String name, @Nullable String value) throws IOException {
        if (value != null) {
            out.writeStringField(name, value);
        }
    }
}
