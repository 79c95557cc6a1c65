package io.pinion.modules.wasm;

import com.dylibso.chicory.runtime.ExportFunction;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.ModuleLog.Level;
import io.pinion.modules.ProcedureHost;
import io.pinion.modules.host.HostCalls;
import io.pinion.modules.host.HttpCodec;
import io.pinion.modules.host.ProcedureCalls;
import io.pinion.store.tx.OperationStoppedException;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One instance of a WebAssembly program. After a trap, a stop or an exception of the host it is not usable any more: the
 * guest's own stack pointer is then anywhere.
 */
public final class WasmInstance implements Instance {
    private static final GuestResult NO_RESULT = new GuestResult.Returned(Bytes.EMPTY);
    private static final int CODE_OK = 0;
    private static final int CODE_USER_ERROR = 1;
    private static final int CODE_VIEW_WITH_HEADER = 2;
    private static final int VIEW_HEADER_ROWS = 0;

    private final WasmProgram program;
    private final HostCalls host;
    private final BytesSources sources = new BytesSources();
    private final BytesSinks sinks = new BytesSinks();
    private final CallGuard guard = new CallGuard();
    private final com.dylibso.chicory.runtime.Instance guest;
    private final FlatMemory memory;
    private final ExportFunction callReducer;
    private final @Nullable ExportFunction callView;
    private final @Nullable ExportFunction callViewAnonymous;
    private final @Nullable ExportFunction callProcedure;
    private final @Nullable ExportFunction callHttpHandler;
    private final ProcedureCalls procedures;
    private final long[] callArguments = new long[10];
    private Bytes description = Bytes.EMPTY;
    private @Nullable HttpResponse answer;
    private boolean usable = true;

    private WasmInstance(WasmProgram program, InstanceHost instanceHost) {
        this.program = program;
        host = new HostCalls(instanceHost, guard::isStopRequested);
        procedures = host.procedures();
        GuestImports imports = new GuestImports(host, sources, sinks, program.stack());
        guest = com.dylibso.chicory.runtime.Instance.builder(program.module())
                .withMachineFactory(program.machineFactory())
                .withMemoryFactory(limits -> new FlatMemory(limits, program.memoryBudget()))
                .withMemoryLimits(program.memoryLimits())
                .withImportValues(imports.values(program.abi().imports()))
                .withInitialize(false)
                .withStart(false)
                .build();
        memory = (FlatMemory) guest.memory();
        imports.bind(memory);
        callReducer = guest.export(GuestAbi.CALL_REDUCER);
        callView = optionalExport(GuestAbi.CALL_VIEW);
        callViewAnonymous = optionalExport(GuestAbi.CALL_VIEW_ANONYMOUS);
        callProcedure = optionalExport(GuestAbi.CALL_PROCEDURE);
        callHttpHandler = optionalExport(GuestAbi.CALL_HTTP_HANDLER);
    }

    private @Nullable ExportFunction optionalExport(String name) {
        return GuestAbi.isExported(program.module(), name) ? guest.export(name) : null;
    }

    /**
     * Instantiates the program and runs its initialisers.
     *
     * @throws InvalidModuleException if one of them fails or takes too long
     */
    static WasmInstance create(WasmProgram program, InstanceHost host, Duration limit) throws InvalidModuleException {
        WasmInstance instance;
        try {
            instance = new WasmInstance(program, host);
        } catch (RuntimeException | OutOfMemoryError e) {
            throw new InvalidModuleException("the program cannot be instantiated: " + e.getMessage(), e);
        }
        try {
            new Initialisation(instance.guard, limit).run(instance::initialise);
        } catch (InvalidModuleException e) {
            instance.close();
            throw e;
        }
        return instance;
    }

    private void initialise() throws InvalidModuleException {
        guest.initialize(false);
        if (GuestAbi.exportsUnit(program.module(), GuestAbi.INITIALIZE)) {
            guest.export(GuestAbi.INITIALIZE).apply();
        }
        for (String initialiser : program.abi().initialisers()) {
            guest.export(initialiser).apply();
        }
        if (GuestAbi.isExported(program.module(), GuestAbi.SETUP)) {
            setUp(guest.export(GuestAbi.SETUP));
        }
        describe();
    }

    private void setUp(ExportFunction setup) throws InvalidModuleException {
        int error = sinks.open();
        int code = (int) setup.apply(error)[0];
        String message = sinks.bytes(error).toUtf8();
        endHandles();
        if (code == CODE_USER_ERROR) {
            throw new InvalidModuleException("the module's set-up failed: " + message);
        }
        if (code != CODE_OK) {
            throw new InvalidModuleException("the module's set-up returned the unknown code " + code);
        }
    }

    /** Run on every instance: guests fill their dispatch tables while they describe themselves. */
    private void describe() {
        int sink = sinks.open();
        guest.export(GuestAbi.DESCRIBE).apply(sink);
        description = sinks.bytes(sink);
        endHandles();
    }

    /** What {@code __describe_module__} wrote. */
    Bytes description() {
        return description;
    }

    @Override
    public GuestResult callReducer(FunctionCall call, Transaction transaction) {
        if (!usable) {
            return notUsable();
        }
        begin(call, transaction);
        GuestResult result;
        try {
            int error = sinks.open();
            result = reducerResult(call, enter(callReducer, call, error), error);
        } catch (Throwable e) {
            result = failed(call.functionName(), e);
        }
        return end(result);
    }

    private int enter(ExportFunction export, FunctionCall call, int sink) {
        long[] args = callArguments;
        args[0] = call.functionId();
        Identity sender = call.sender();
        args[1] = sender.word0();
        args[2] = sender.word1();
        args[3] = sender.word2();
        args[4] = sender.word3();
        ConnectionId connection = call.connectionId();
        args[5] = connection.word0();
        args[6] = connection.word1();
        args[7] = call.timestampMicros();
        args[8] = sources.open(call.arguments());
        args[9] = sink;
        return (int) export.apply(args)[0];
    }

    private GuestResult reducerResult(FunctionCall call, int code, int error) {
        return switch (code) {
            case CODE_OK -> NO_RESULT;
            case CODE_USER_ERROR -> new GuestResult.UserError(sinks.bytes(error).toUtf8());
            default -> unknownCode("reducer", call.functionName(), code);
        };
    }

    @Override
    public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
        if (!usable) {
            return notUsable();
        }
        if (procedures.isCommitting()) {
            return viewInCommit(call, anonymous, transaction);
        }
        begin(call, transaction);
        return end(view(call, anonymous));
    }

    /** The guest function that commits is still on the stack, and what it was given must stay as it is. */
    private GuestResult viewInCommit(FunctionCall call, boolean anonymous, Transaction transaction) {
        procedures.beginView(transaction);
        try {
            return view(call, anonymous);
        } finally {
            procedures.endView();
        }
    }

    private GuestResult view(FunctionCall call, boolean anonymous) {
        ExportFunction export = anonymous ? callViewAnonymous : callView;
        try {
            return export == null
                    ? missing(anonymous ? GuestAbi.CALL_VIEW_ANONYMOUS : GuestAbi.CALL_VIEW)
                    : viewResult(call, export, anonymous);
        } catch (Throwable e) {
            return failed(call.functionName(), e);
        }
    }

    private GuestResult viewResult(FunctionCall call, ExportFunction export, boolean anonymous) {
        int arguments = sources.open(call.arguments());
        int sink = sinks.open();
        int code = (int) enterView(call, export, anonymous, arguments, sink)[0];
        return switch (code) {
            case CODE_VIEW_WITH_HEADER -> new GuestResult.Returned(sinks.bytes(sink));
            case CODE_OK -> new GuestResult.Returned(withHeader(sinks.bytes(sink)));
            case CODE_USER_ERROR -> new GuestResult.UserError(sinks.bytes(sink).toUtf8());
            default -> unknownCode("view", call.functionName(), code);
        };
    }

    private static long[] enterView(
            FunctionCall call, ExportFunction export, boolean anonymous, int arguments, int sink) {
        if (anonymous) {
            return export.apply(call.functionId(), arguments, sink);
        }
        Identity sender = call.sender();
        return export.apply(
                call.functionId(), sender.word0(), sender.word1(), sender.word2(), sender.word3(), arguments, sink);
    }

    /** The old form is the rows alone. */
    private static Bytes withHeader(Bytes rows) {
        byte[] result = new byte[rows.length() + 1];
        result[0] = VIEW_HEADER_ROWS;
        System.arraycopy(rows.unsafeArray(), 0, result, 1, rows.length());
        return Bytes.wrap(result);
    }

    private GuestResult missing(String export) {
        return logged("the program does not export " + export);
    }

    private GuestResult unknownCode(String kind, String function, int code) {
        return logged("the " + kind + " " + function + " returned the unknown code " + code);
    }

    private GuestResult logged(String reason) {
        host.logFailure(Level.ERROR, reason, List.of());
        return new GuestResult.Failed(reason);
    }

    private static GuestResult notUsable() {
        return new GuestResult.Failed("this instance has trapped, was stopped or closed, and can run nothing any more");
    }

    // Procedures and HTTP handlers: a failure of any kind is the end of the instance.

    @Override
    public GuestResult callProcedure(FunctionCall call, ProcedureHost procedureHost) {
        return runProcedure(call.functionName(), procedureHost, () -> procedureResult(call));
    }

    private GuestResult procedureResult(FunctionCall call) {
        if (callProcedure == null) {
            return missing(GuestAbi.CALL_PROCEDURE);
        }
        int sink = sinks.open();
        int code = enter(callProcedure, call, sink);
        return code == CODE_OK
                ? new GuestResult.Returned(sinks.bytes(sink))
                : unknownCode("procedure", call.functionName(), code);
    }

    @Override
    public HttpResult callHttpHandler(HttpCall call, ProcedureHost procedureHost) {
        answer = null;
        GuestResult result = runProcedure(call.functionName(), procedureHost, () -> handlerResult(call));
        HttpResponse response = answer;
        answer = null;
        return response != null && result instanceof GuestResult.Returned
                ? new HttpResult.Answered(response)
                : new HttpResult.NotAnswered(result);
    }

    /** An empty result, and the answer beside it, if there is one. */
    private GuestResult handlerResult(HttpCall call) {
        if (callHttpHandler == null) {
            return missing(GuestAbi.CALL_HTTP_HANDLER);
        }
        int request = sources.open(HttpCodec.toBsatn(call.request()));
        int body = sources.open(call.request().body());
        int response = sinks.open();
        int responseBody = sinks.open();
        int code = (int) callHttpHandler
                .apply(call.functionId(), call.timestampMicros(), request, body, response, responseBody)[0];
        if (code != CODE_OK) {
            return unknownCode("HTTP handler", call.functionName(), code);
        }
        try {
            answer = HttpCodec.readResponse(sinks.bytes(response), sinks.bytes(responseBody));
            return NO_RESULT;
        } catch (BsatnException e) {
            return logged(
                    "the answer of the HTTP handler " + call.functionName() + " is no response: " + e.getMessage());
        }
    }

    private GuestResult runProcedure(String function, ProcedureHost procedureHost, Supplier<GuestResult> body) {
        if (!usable) {
            return notUsable();
        }
        procedures.begin(function, procedureHost);
        guard.begin();
        GuestResult result;
        try {
            result = body.get();
        } catch (Throwable e) {
            result = failed(function, e);
        }
        boolean stopped = guard.end();
        procedures.end(stopped);
        usable &= !stopped && result instanceof GuestResult.Returned;
        if (usable) {
            endHandles();
        }
        return stopped ? new GuestResult.Stopped() : result;
    }

    private void begin(FunctionCall call, Transaction transaction) {
        host.begin(call, transaction);
        guard.begin();
    }

    /** A guest that was asked to stop has been stopped, even if it did not notice any more. */
    private GuestResult end(GuestResult result) {
        boolean stopped = guard.end();
        host.end();
        if (stopped) {
            usable = false;
            return new GuestResult.Stopped();
        }
        if (usable) {
            endHandles();
        }
        return result;
    }

    private void endHandles() {
        sources.reset();
        sinks.reset();
    }

    /** Whatever was thrown, by the guest, by a host call, by the JVM: the caller gets an answer and this instance is lost. */
    private GuestResult failed(String function, Throwable thrown) {
        usable = false;
        if (thrown instanceof OperationStoppedException || guard.isStopRequested()) {
            return new GuestResult.Stopped();
        }
        String reason = Failures.reason(thrown);
        host.logFailure(
                Level.ERROR, function + " failed: " + reason, program.stack().frames(thrown));
        return Failures.isOutOfMemory(thrown) ? new GuestResult.OutOfMemory(reason) : new GuestResult.Failed(reason);
    }

    @Override
    public void stop() {
        guard.stop();
    }

    @Override
    public boolean isUsable() {
        return usable;
    }

    @Override
    public void close() {
        usable = false;
        memory.close();
    }
}
