package io.pinion.actors.database;

import io.pinion.actors.database.Database.Arguments;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.DatabaseMessage.Note;
import io.pinion.actors.subscription.HeldSet;
import io.pinion.modules.HttpHeader;
import java.util.List;

/** About what a message that waits holds in memory, in bytes, and not less. A character counts as two. */
final class MessageSize {
    /** What every message takes beside its texts and bytes. */
    static final long FIXED = 256;

    private MessageSize() {}

    static long of(Command.CallReducer call) {
        return FIXED
                + text(call.reducer())
                + of(call.arguments())
                + text(call.caller().claims());
    }

    private static long of(Arguments arguments) {
        return switch (arguments) {
            case Arguments.Bsatn(var bytes) -> bytes.length();
            case Arguments.Json(String text) -> text(text);
        };
    }

    static long of(Command.CallProcedure call) {
        return FIXED
                + text(call.procedure())
                + of(call.arguments())
                + text(call.caller().claims());
    }

    static long of(Command.HandleHttp request) {
        long bytes = FIXED + text(request.path()) + request.request().body().length();
        for (HttpHeader header : request.request().headers()) {
            bytes += FIXED / 4 + text(header.name()) + header.value().length();
        }
        return bytes;
    }

    static long of(Command.Query query) {
        return FIXED + text(query.sql()) + text(query.caller().claims());
    }

    static long of(Client.Request request) {
        return switch (request) {
            case Client.Open open -> FIXED + text(open.claims());
            case Client.Subscribe subscribe -> FIXED + texts(subscribe.queries());
            case Client.Resume resume -> {
                long bytes = FIXED + text(resume.claims());
                for (HeldSet set : resume.sets()) {
                    bytes += FIXED / 4 + texts(set.queries());
                }
                yield bytes;
            }
            case Client.Unsubscribe _ -> FIXED;
            case Client.Ask ask -> FIXED + text(ask.query());
        };
    }

    static long of(Command.Publish publish) {
        return FIXED + publish.program().length();
    }

    static long of(Command.PlanPublish plan) {
        return FIXED + plan.program().length();
    }

    static long of(Note.CallImmediately call) {
        return FIXED + text(call.function()) + call.arguments().length();
    }

    private static long texts(List<String> texts) {
        long bytes = 0;
        for (String text : texts) {
            bytes += text(text);
        }
        return bytes;
    }

    private static long text(String text) {
        return (long) Character.BYTES * text.length();
    }
}
