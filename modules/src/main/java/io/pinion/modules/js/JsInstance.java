package io.pinion.modules.js;

import io.pinion.modules.HttpResponse;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ProcedureHost;
import io.pinion.modules.host.HostCalls;
import io.pinion.modules.host.HttpCodec;
import io.pinion.modules.host.ProcedureCalls;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * One JavaScript context that runs a module's functions. Its thread may change between calls, at the price of some 2 µs
 * for the next one.
 *
 * <p>Hot path: {@link #callReducer} allocates no more than the engine does.
 */
public final class JsInstance implements Instance {
    private static final Source BORDER =
            JsEngine.internalSource("border.js", Resources.text("/io/pinion/modules/js/border.js"));

    /** Doubles are exact up to here; a later time crosses the border as text. */
    private static final long EXACT_DOUBLE_MAX = 1L << 53;

    private static final byte ROWS_HEADER = 0;
    private static final GuestResult RETURNED_NOTHING = new GuestResult.Returned(Bytes.EMPTY);

    private final JsProgram program;
    private final Context context;
    private final CallDepth callDepth;
    private final StopSwitch stopSwitch;
    private final HostCalls calls;
    private final ProcedureCalls procedures;
    private final Border border;
    private final BuiltinModules modules;
    private @Nullable Entries entries;
    private Bytes description = Bytes.EMPTY;
    private Bytes requestBody = Bytes.EMPTY;
    private @Nullable HttpResponse answer;
    private boolean usable = true;

    private JsInstance(JsProgram program, InstanceHost host) {
        this.program = program;
        this.modules = new BuiltinModules();
        this.context = JsEngine.newContext(modules);
        this.callDepth = JsEngine.callDepth();
        this.stopSwitch = new StopSwitch(context);
        this.calls = new HostCalls(host, stopSwitch::isStopping);
        this.procedures = calls.procedures();
        this.border = new Border(calls, program.names());
    }

    /**
     * Makes a context, runs the module in it and finds its hooks.
     *
     * @throws InvalidModuleException if the module cannot be linked, throws, does not end or lacks hooks
     */
    static JsInstance create(JsProgram program, InstanceHost host, Duration limit) throws InvalidModuleException {
        JsInstance instance = new JsInstance(program, host);
        try (var _ = LoadDeadline.start(instance.stopSwitch, limit)) {
            instance.load(limit);
            return instance;
        } catch (InvalidModuleException | RuntimeException | Error e) {
            instance.close();
            throw e;
        }
    }

    /** What the module said of itself when this instance was made. */
    Bytes description() {
        return description;
    }

    /** The build of the guest library that the module imported, empty if it did not. */
    Optional<Bytes> guestLibrary() {
        return modules.hasServedGuestLibrary() ? Optional.of(BuiltinModules.GUEST_LIBRARY_HASH) : Optional.empty();
    }

    private void load(Duration limit) throws InvalidModuleException {
        context.enter();
        stopSwitch.begin(callDepth.begin());
        InvalidModuleException failure = null;
        try {
            runModule();
        } catch (PolyglotException e) {
            failure = loadFailure(e);
        }
        if (!stopSwitch.end()) {
            context.leave();
            stopSwitch.awaitStopped();
            throw new InvalidModuleException("the module did not finish loading within " + limit.toMillis() + " ms");
        }
        context.leave();
        if (failure != null) {
            throw failure;
        }
    }

    private void runModule() {
        Value made = context.eval(BORDER).execute(border);
        Value namespace = context.eval(program.source());
        made.getMember("findHooks").executeVoid(namespace);
        description = border.take(made.getMember("describe").execute().asInt());
        entries = new Entries(
                made.getMember("callReducer"),
                made.getMember("callView"),
                made.getMember("callViewAnonymous"),
                made.getMember("callProcedure"),
                made.getMember("callHttpHandler"),
                made.getMember("reserve"),
                new BigIntegers(made.getMember("bigint")));
    }

    private InvalidModuleException loadFailure(PolyglotException e) {
        String endedBy = border.endedBy();
        if (endedBy != null) {
            return new InvalidModuleException("while the module was loaded: " + endedBy, e);
        }
        if (callDepth.isExceeded()) {
            return new InvalidModuleException("while the module was loaded: " + CallDepth.EXCEEDED, e);
        }
        String refusal = modules.refusal().orElse(null);
        if (refusal != null) {
            return new InvalidModuleException(refusal, e);
        }
        return new InvalidModuleException(GuestFailure.of(e, program.names()).located(), e);
    }

    @Override
    public GuestResult callReducer(FunctionCall call, Transaction transaction) {
        return runInTransaction(Entry.REDUCER, call, transaction);
    }

    @Override
    public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
        Entry entry = anonymous ? Entry.ANONYMOUS_VIEW : Entry.VIEW;
        return procedures.isCommitting()
                ? viewInCommit(entry, call, transaction)
                : runInTransaction(entry, call, transaction);
    }

    @Override
    public GuestResult callProcedure(FunctionCall call, ProcedureHost procedureHost) {
        return runProcedure(Entry.PROCEDURE, call, procedureHost);
    }

    @Override
    public HttpResult callHttpHandler(HttpCall call, ProcedureHost procedureHost) {
        requestBody = call.request().body();
        answer = null;
        GuestResult result = runProcedure(Entry.HTTP_HANDLER, functionCall(call), procedureHost);
        HttpResponse response = answer;
        requestBody = Bytes.EMPTY;
        answer = null;
        return response != null && result instanceof GuestResult.Returned
                ? new HttpResult.Answered(response)
                : new HttpResult.NotAnswered(result);
    }

    private static FunctionCall functionCall(HttpCall call) {
        return new FunctionCall(
                call.functionId(),
                call.functionName(),
                Identity.ZERO,
                ConnectionId.NONE,
                call.timestampMicros(),
                HttpCodec.toBsatn(call.request()));
    }

    private enum Entry {
        REDUCER,
        VIEW,
        ANONYMOUS_VIEW,
        PROCEDURE,
        HTTP_HANDLER;

        boolean mayWait() {
            return this == PROCEDURE || this == HTTP_HANDLER;
        }
    }

    /** The functions of {@code border.js} that calls go through. */
    private record Entries(
            Value callReducer,
            Value callView,
            Value callViewAnonymous,
            Value callProcedure,
            Value callHttpHandler,
            Value reserve,
            BigIntegers integers) {}

    private GuestResult runInTransaction(Entry entry, FunctionCall call, Transaction transaction) {
        Entries functions = entries;
        if (!usable || functions == null) {
            return notUsable();
        }
        calls.begin(call, transaction);
        try {
            return run(functions, entry, call);
        } finally {
            calls.end();
            closeHandles();
        }
    }

    /** A failure of any kind is the end of the instance. */
    private GuestResult runProcedure(Entry entry, FunctionCall call, ProcedureHost procedureHost) {
        Entries functions = entries;
        if (!usable || functions == null) {
            return notUsable();
        }
        boolean interruptedBefore = Thread.interrupted();
        procedures.begin(call.functionName(), procedureHost);
        GuestResult result = null;
        try {
            result = run(functions, entry, call);
            return result;
        } finally {
            procedures.end(result instanceof GuestResult.Stopped);
            closeHandles();
            usable &= result instanceof GuestResult.Returned;
            if (interruptedBefore) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The guest function that commits is still on the stack, in the context. */
    private GuestResult viewInCommit(Entry entry, FunctionCall call, Transaction transaction) {
        Entries functions = entries;
        if (!usable || functions == null) {
            return notUsable();
        }
        procedures.beginView(transaction);
        try {
            GuestResult result = enter(functions, entry, call);
            return border.endedBy() == null ? result : failedInCommit(null);
        } catch (Throwable e) {
            return failedInCommit(e);
        } finally {
            border.endView(stopSwitch.isStopping());
            procedures.endView();
        }
    }

    private GuestResult failedInCommit(@Nullable Throwable thrown) {
        if (stopSwitch.isStopping()) {
            return new GuestResult.Stopped();
        }
        return callDepth.isExceeded() ? tooDeep() : failed(thrown);
    }

    private static GuestResult notUsable() {
        return new GuestResult.Failed("the instance can run no more calls");
    }

    private void closeHandles() {
        if (border.isBroken()) {
            usable = false;
        } else {
            calls.closeHandles();
        }
    }

    private GuestResult run(Entries functions, Entry entry, FunctionCall call) {
        border.reset();
        context.enter();
        CallDepth.Counter depth = callDepth.begin();
        if (entry.mayWait()) {
            stopSwitch.beginWaiting(depth);
        } else {
            stopSwitch.begin(depth);
        }
        GuestResult result = null;
        Throwable thrown = null;
        try {
            result = enter(functions, entry, call);
            assert callDepth.isBalanced();
        } catch (Throwable e) {
            thrown = e;
        }
        boolean ended = stopSwitch.end();
        try {
            if (!ended) {
                usable &= !callDepth.isExceeded();
                return new GuestResult.Stopped();
            }
            if (callDepth.isExceeded()) {
                return tooDeep();
            }
            return result != null && border.endedBy() == null ? result : failed(thrown);
        } finally {
            context.leave();
            if (!ended) {
                stopSwitch.awaitStopped();
            }
        }
    }

    private GuestResult enter(Entries functions, Entry entry, FunctionCall call) {
        Bytes arguments = call.arguments();
        int length = arguments.length();
        int bodyLength = requestBody.length();
        if (length + bodyLength > border.capacity()) {
            functions.reserve().executeVoid(Math.addExact(length, bodyLength));
        }
        border.offer(arguments);
        return switch (entry) {
            case REDUCER -> {
                functions
                        .callReducer()
                        .executeVoid(
                                call.functionId(),
                                functions.integers().of(call.sender()),
                                functions.integers().of(call.connectionId()),
                                timestamp(call),
                                length);
                yield userErrorOr(0);
            }
            case VIEW ->
                userErrorOr(functions
                        .callView()
                        .execute(call.functionId(), functions.integers().of(call.sender()), length)
                        .asInt());
            case ANONYMOUS_VIEW ->
                userErrorOr(functions
                        .callViewAnonymous()
                        .execute(call.functionId(), length)
                        .asInt());
            case PROCEDURE ->
                new GuestResult.Returned(border.take(functions
                        .callProcedure()
                        .execute(
                                call.functionId(),
                                functions.integers().of(call.sender()),
                                functions.integers().of(call.connectionId()),
                                timestamp(call),
                                length)
                        .asInt()));
            case HTTP_HANDLER -> {
                border.offer(requestBody, length);
                yield answered(
                        call,
                        functions
                                .callHttpHandler()
                                .execute(call.functionId(), timestamp(call), length, bodyLength)
                                .asInt());
            }
        };
    }

    private static Object timestamp(FunctionCall call) {
        long micros = call.timestampMicros();
        return Math.abs(micros) < EXACT_DOUBLE_MAX ? (Object) (double) micros : Long.toString(micros);
    }

    /** An empty result, and the answer beside it, if there is one. */
    private GuestResult answered(FunctionCall call, int length) {
        try {
            answer = HttpCodec.readResponse(border.take(length), border.take(length, border.answerBodyLength()));
            return RETURNED_NOTHING;
        } catch (BsatnException e) {
            String reason =
                    "the answer of the HTTP handler " + call.functionName() + " is no response: " + e.getMessage();
            calls.logFailure(Level.ERROR, reason, List.of());
            return new GuestResult.Failed(reason);
        }
    }

    /** @param length of the result; below zero, less one: of a view's rows in the old form, which lacks the header */
    private GuestResult userErrorOr(int length) {
        String message = border.userError();
        if (message != null) {
            return new GuestResult.UserError(message);
        }
        if (length == 0) {
            return RETURNED_NOTHING;
        }
        if (length > 0) {
            return new GuestResult.Returned(border.take(length));
        }
        Bytes rows = border.take(-1 - length);
        byte[] withHeader = new byte[1 + rows.length()];
        withHeader[0] = ROWS_HEADER;
        System.arraycopy(rows.unsafeArray(), 0, withHeader, 1, rows.length());
        return new GuestResult.Returned(Bytes.wrap(withHeader));
    }

    /** The engine was torn off in the midst of what it did for the guest, so it is not trusted with another call. */
    private GuestResult tooDeep() {
        usable = false;
        calls.logFailure(Level.PANIC, CallDepth.EXCEEDED, List.of());
        return new GuestResult.Failed(CallDepth.EXCEEDED);
    }

    private GuestResult failed(@Nullable Throwable thrown) {
        String endedBy = border.endedBy();
        if (endedBy != null) {
            if (border.isOutOfMemory()) {
                return outOfMemory(endedBy);
            }
            calls.logFailure(Level.PANIC, endedBy, List.of());
            return new GuestResult.Failed(endedBy);
        }
        if (thrown instanceof OutOfMemoryError) {
            return outOfMemory(thrown.getMessage());
        }
        if (!(thrown instanceof PolyglotException e)) {
            usable = false;
            calls.logFailure(Level.PANIC, "the host failed: " + thrown, List.of());
            return new GuestResult.Failed("the host failed: " + thrown);
        }
        if (e.isInternalError() || e.isCancelled() || e.isExit() || e.isResourceExhausted()) {
            usable = false;
        }
        if (e.isResourceExhausted() && !isStackOverflow(e)) {
            return outOfMemory(e.getMessage());
        }
        GuestFailure failure = GuestFailure.of(e, program.names());
        calls.logFailure(Level.PANIC, "Uncaught " + failure.message(), failure.trace());
        return new GuestResult.Failed(failure.located());
    }

    /** The engine says "Stack overflow", or nothing at all, where it is not the heap that is exhausted. */
    private static boolean isStackOverflow(PolyglotException e) {
        return e.getMessage() == null || e.getMessage().contains("tack overflow");
    }

    private GuestResult outOfMemory(@Nullable String detail) {
        usable = false;
        String reason = "the host has no memory left for this call: " + detail;
        calls.logFailure(Level.PANIC, reason, List.of());
        return new GuestResult.OutOfMemory(reason);
    }

    @Override
    public void stop() {
        stopSwitch.stop();
    }

    @Override
    public boolean isUsable() {
        return usable;
    }

    @Override
    public void close() {
        usable = false;
        context.close(true);
    }
}
