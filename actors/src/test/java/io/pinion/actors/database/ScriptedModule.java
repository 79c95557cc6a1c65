package io.pinion.actors.database;

import static io.pinion.store.value.AlgebraicType.element;
import static io.pinion.store.value.AlgebraicType.product;

import io.pinion.modules.HostType;
import io.pinion.modules.HttpHeader;
import io.pinion.modules.HttpResponse;
import io.pinion.modules.HttpVersion;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ProcedureHost;
import io.pinion.modules.host.HostTrap;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.tx.StoreCode;
import io.pinion.store.tx.Transaction;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.BsatnReader;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.ConnectionId;
import io.pinion.store.value.Identity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A module written in Java, for what real guests do only with effort: endless loops, errors of the engine, bad ends. The
 * words of its program switch its variants: {@code script}, then any of {@code wider} (one more table), {@code other-type},
 * {@code init-fails}, {@code init-schedules}, {@code init-calls}, {@code no-instance}, {@code level} (one more column in items, 7 where rows are there and 1 in those
 * that come), {@code by-value} (an index on values), {@code unique-value} (of which there may be but one of each),
 * {@code greets} (reducers {@code arrive} and {@code leave} for connections), {@code timeless} (no schedule), {@code tick-fails} (what is scheduled), {@code aside} (procedures, HTTP handlers and views of callers).
 */
final class ScriptedModule implements Module {
    static final AlgebraicType.Product ITEM = product(element("id", Primitive.U64), element("value", Primitive.I64));

    /** Instances that were made and not closed. */
    static final Set<Instance> OPEN = ConcurrentHashMap.newKeySet();

    /** Of the newest call of any instance. */
    static volatile String threadOfLastCall = "";

    static volatile long timestampMicrosOfLastCall;

    /** One for each call of {@code hold} that has begun. */
    static final Semaphore HOLDING = new Semaphore(0);

    /** Each lets one call of {@code hold} end. */
    static final Semaphore LET_GO = new Semaphore(0);

    static final AtomicInteger LOADS = new AtomicInteger();

    /** What the reducer {@code mischief} does. */
    static volatile Mischief mischief = (_, _) -> new Instance.GuestResult.Returned(Bytes.EMPTY);

    @FunctionalInterface
    interface Mischief {
        /** @param isStopped whether the call was asked to stop */
        Instance.GuestResult run(Transaction transaction, BooleanSupplier isStopped);
    }

    /** What the reducers {@code arrive}, {@code leave} and {@code meet} do. */
    static volatile Meeting meeting = (_, _, _, _) -> new Instance.GuestResult.Returned(Bytes.EMPTY);

    @FunctionalInterface
    interface Meeting {
        /** @param claims of the call's connection */
        Instance.GuestResult run(
                String function, ConnectionId connection, @Nullable String claims, Transaction transaction);
    }

    /** What the procedures and HTTP handlers do; they have no other way to write. */
    static volatile Errand errand = (_, _, _) -> new Instance.GuestResult.Returned(Bytes.EMPTY);

    @FunctionalInterface
    interface Errand {
        /** @param number the argument of {@code run}, 0 for all others */
        Instance.GuestResult run(String function, long number, ProcedureHost host) throws InterruptedException;
    }

    /** What the views {@code mine} and {@code keyed} do. */
    static volatile Look look = (_, _, _) -> new Instance.GuestResult.UserError("nothing to look at");

    @FunctionalInterface
    interface Look {
        Instance.GuestResult run(String view, Identity caller, Transaction transaction);
    }

    /** How often a view was run. */
    static final AtomicInteger LOOKS = new AtomicInteger();

    private final Bytes program;
    private final Set<String> words;
    private final ModuleDef definition;

    private final Optional<Bytes> guestLibrary;

    private ScriptedModule(Bytes program, ModuleDef definition, Optional<Bytes> guestLibrary) {
        this.guestLibrary = guestLibrary;
        this.program = program;
        this.words = Set.of(program.toUtf8().split(" ", -1));
        this.definition = definition;
    }

    static Bytes script(String... words) {
        return Bytes.ofUtf8("script " + String.join(" ", words));
    }

    static Module load(Bytes program) throws InvalidModuleException {
        return load(program, Optional.empty());
    }

    /** As on a node with that build of the guest library. */
    static Module load(Bytes program, Optional<Bytes> guestLibrary) throws InvalidModuleException {
        LOADS.incrementAndGet();
        String text = program.toUtf8();
        if (!text.startsWith("script ")) {
            throw new InvalidModuleException("not a script: " + text);
        }
        try {
            return new ScriptedModule(program, ModuleDef.of(describe(text)), guestLibrary);
        } catch (InvalidModuleDefException e) {
            throw new InvalidModuleException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Bytes describe(String text) {
        RawModule raw = new RawModule();
        AlgebraicType value = text.contains("other-type") ? Primitive.STRING : Primitive.I64;
        int indexed = text.contains("by-value") || text.contains("unique-value") ? 1 : 0;
        boolean hasLevel = text.contains("level");
        int item = raw.table(
                "item",
                true,
                hasLevel
                        ? product(
                                element("id", Primitive.U64), element("value", value), element("level", Primitive.I64))
                        : product(element("id", Primitive.U64), element("value", value)),
                new RawModule.More(
                        indexed,
                        text.contains("unique-value"),
                        hasLevel ? Map.of(2, Bytes.ofHex("0700000000000000")) : Map.of()));
        raw.table("secret", false, product(element("id", Primitive.U64), element("value", Primitive.I64)));
        int timer = raw.table(
                "timer", true, product(element("id", Primitive.U64), element("at", AlgebraicType.SCHEDULE_AT)));
        if (text.contains("wider")) {
            raw.table("extra", true, ITEM);
        }
        raw.view("large", 0, item);
        raw.reducer("init", true);
        raw.reducer("add", true, element("value", Primitive.I64));
        raw.reducer("secret", true, element("value", Primitive.I64));
        raw.reducer("fail", true, element("text", Primitive.STRING), element("value", Primitive.I64));
        raw.reducer("trap", true);
        raw.reducer("loop", true);
        raw.reducer("hold", true);
        raw.reducer("overflow", true);
        raw.reducer("nothing", true);
        raw.reducer("soon", true, element("value", Primitive.I64));
        raw.reducer("later", true, element("at", AlgebraicType.SCHEDULE_AT));
        raw.reducer("tick", true, element("row", new AlgebraicType.Ref(timer)));
        raw.reducer("huge", true, element("rows", Primitive.U32));
        raw.reducer("hidden", false);
        raw.reducer("mischief", true);
        raw.reducer("meet", true);
        raw.init("init");
        if (text.contains("greets")) {
            raw.reducer("arrive", false);
            raw.reducer("leave", false);
            raw.onConnect("arrive");
            raw.onDisconnect("leave");
        }
        if (text.contains("aside")) {
            int job = raw.table(
                    "job", true, product(element("id", Primitive.U64), element("at", AlgebraicType.SCHEDULE_AT)));
            raw.viewOfCaller("mine", 0, item);
            raw.view("keyed", 1, item);
            raw.viewKey("keyed", "id");
            raw.reducer("plan", true, element("at", AlgebraicType.SCHEDULE_AT));
            raw.procedure("run", true, Primitive.I64, element("number", Primitive.I64));
            raw.procedure("work", false, AlgebraicType.UNIT, element("row", new AlgebraicType.Ref(job)));
            raw.procedure("soon_aside", true, AlgebraicType.UNIT);
            raw.handler("page");
            raw.handler("form");
            raw.route("page", "/page");
            raw.routeOfPost("form", "/form");
            raw.schedule("job", 1, "work");
        }
        if (!text.contains("timeless")) {
            raw.schedule("timer", 1, "tick");
        }
        return raw.toBytes();
    }

    @Override
    public HostType hostType() {
        return HostType.JS;
    }

    @Override
    public Bytes program() {
        return program;
    }

    @Override
    public ModuleDef definition() {
        return definition;
    }

    @Override
    public Optional<Bytes> guestLibrary() {
        return guestLibrary;
    }

    @Override
    public List<String> warnings() {
        return words.contains("warns") ? List.of("a script is no module") : List.of();
    }

    @Override
    public boolean hasRoomForSpare() {
        return true;
    }

    @Override
    public Instance instantiate(InstanceHost host) throws InvalidModuleException {
        if (words.contains("no-instance")) {
            throw new InvalidModuleException("the initialiser fails");
        }
        Instance instance = new ScriptedInstance(host);
        OPEN.add(instance);
        return instance;
    }

    private final class ScriptedInstance implements Instance {
        private final InstanceHost host;
        private final BsatnWriter row = new BsatnWriter();
        private final BsatnWriter generated = new BsatnWriter();
        private volatile boolean isStopped;
        private boolean isBroken;
        private @Nullable Thread runner;

        ScriptedInstance(InstanceHost host) {
            this.host = host;
        }

        @Override
        public GuestResult callReducer(FunctionCall call, Transaction transaction) {
            isStopped = false;
            threadOfLastCall = Thread.currentThread().getName();
            timestampMicrosOfLastCall = call.timestampMicros();
            BsatnReader arguments = new BsatnReader(call.arguments());
            return switch (call.functionName()) {
                case "init" -> init(transaction);
                case "add" -> insert(transaction, "item", arguments.readLong());
                case "secret" -> insert(transaction, "secret", arguments.readLong());
                case "fail" -> fail(transaction, arguments);
                case "trap" -> trap(transaction);
                case "loop" -> loop(transaction);
                case "hold" -> hold(transaction);
                case "overflow" -> overflow(transaction);
                case "nothing" -> new GuestResult.Returned(Bytes.EMPTY);
                case "soon" -> soon(call.arguments());
                case "later" -> later(transaction, call.arguments());
                case "tick" ->
                    words.contains("tick-fails")
                            ? new GuestResult.UserError("no tick")
                            : insert(transaction, "item", -arguments.readLong());
                case "arrive", "leave", "meet" ->
                    meeting.run(
                            call.functionName(), call.connectionId(), host.jwtClaims(call.connectionId()), transaction);
                case "mischief" -> mischief.run(transaction, () -> isStopped);
                case "plan" -> plan(transaction, call.arguments());
                case "huge" -> huge(transaction, arguments.readInt());
                default -> new GuestResult.Failed("no function " + call.functionName());
            };
        }

        private GuestResult init(Transaction transaction) {
            insert(transaction, "item", 1000);
            if (words.contains("init-schedules")) {
                later(transaction, new BsatnWriter().writeByte(1).writeLong(5).toBytes());
            }
            if (words.contains("init-calls")) {
                host.scheduleImmediate("add", new BsatnWriter().writeLong(77).toBytes());
            }
            return words.contains("init-fails")
                    ? new GuestResult.UserError("init does not want to")
                    : new GuestResult.Returned(Bytes.EMPTY);
        }

        private GuestResult insert(Transaction transaction, String table, long value) {
            row.reset();
            row.writeLong(0).writeLong(value);
            if (table.equals("item") && words.contains("level")) {
                row.writeLong(1);
            }
            return insert(transaction, table);
        }

        private GuestResult insert(Transaction transaction, String table) {
            int code = transaction.insert(transaction.tableId(table), row.buffer(), 0, row.length(), generated);
            return code == StoreCode.OK
                    ? new GuestResult.Returned(Bytes.EMPTY)
                    : new GuestResult.Failed("insert into " + table + ": " + code);
        }

        private GuestResult fail(Transaction transaction, BsatnReader arguments) {
            String text = arguments.readString();
            insert(transaction, "item", arguments.readLong());
            return new GuestResult.UserError(text);
        }

        private GuestResult trap(Transaction transaction) {
            insert(transaction, "item", 13);
            isBroken = true;
            return new GuestResult.Failed("trapped");
        }

        private GuestResult loop(Transaction transaction) {
            insert(transaction, "item", 14);
            while (!isStopped) {
                Thread.onSpinWait();
            }
            return new GuestResult.Stopped();
        }

        private GuestResult hold(Transaction transaction) {
            HOLDING.release();
            try {
                boolean isOver = LET_GO.tryAcquire(30, TimeUnit.SECONDS);
                return isOver ? insert(transaction, "item", 16) : new GuestResult.Failed("nobody let it go");
            } catch (InterruptedException e) {
                return new GuestResult.Failed("interrupted");
            }
        }

        private GuestResult overflow(Transaction transaction) {
            insert(transaction, "item", 15);
            throw new StackOverflowError("too deep");
        }

        private GuestResult soon(Bytes arguments) {
            host.scheduleImmediate("add", arguments);
            host.scheduleImmediate("nobody", arguments);
            return new GuestResult.Returned(Bytes.EMPTY);
        }

        private GuestResult later(Transaction transaction, Bytes at) {
            row.reset();
            row.writeLong(0).writeRaw(at);
            return insert(transaction, "timer");
        }

        private GuestResult plan(Transaction transaction, Bytes at) {
            row.reset();
            row.writeLong(0).writeRaw(at);
            return insert(transaction, "job");
        }

        private GuestResult huge(Transaction transaction, int rows) {
            GuestResult last = new GuestResult.Returned(Bytes.EMPTY);
            for (int i = 0; i < rows; i++) {
                last = insert(transaction, "item", i);
            }
            return last;
        }

        /** The items above 500. */
        @Override
        public GuestResult callView(FunctionCall call, boolean anonymous, Transaction transaction) {
            LOOKS.incrementAndGet();
            if (!call.functionName().equals("large")) {
                return look.run(call.functionName(), call.sender(), transaction);
            }
            BsatnWriter result = new BsatnWriter();
            result.writeByte(0).writeInt(0);
            int[] count = new int[1];
            transaction.scanTable(transaction.tableId("item"), (bytes, offset, length) -> {
                if (new BsatnReader(bytes, offset + 8, 8).readLong() > 500) {
                    result.writeRaw(bytes, offset, length);
                    count[0]++;
                }
            });
            result.setInt(1, count[0]);
            return new GuestResult.Returned(result.toBytes());
        }

        @Override
        public GuestResult callProcedure(FunctionCall call, ProcedureHost procedureHost) {
            long number = call.functionName().equals("run") ? new BsatnReader(call.arguments()).readLong() : 0;
            return run(call.functionName(), number, procedureHost);
        }

        @Override
        public HttpResult callHttpHandler(HttpCall call, ProcedureHost procedureHost) {
            GuestResult result = run(call.functionName(), 0, procedureHost);
            return result instanceof GuestResult.Returned(Bytes bytes)
                    ? new HttpResult.Answered(new HttpResponse(
                            HttpVersion.HTTP_1_1,
                            201,
                            List.of(new HttpHeader(
                                    "x-uri", Bytes.ofUtf8(call.request().uri()))),
                            bytes))
                    : new HttpResult.NotAnswered(result);
        }

        /** As engines do: a stop interrupts the thread, and the interrupt reaches nothing else. */
        private GuestResult run(String function, long number, ProcedureHost host) {
            isStopped = false;
            synchronized (this) {
                runner = Thread.currentThread();
            }
            GuestResult result;
            try {
                result = errand.run(function, number, host);
            } catch (InterruptedException e) {
                result = new GuestResult.Stopped();
            } catch (HostTrap e) {
                result = new GuestResult.Failed(String.valueOf(e.getMessage()));
            }
            synchronized (this) {
                runner = null;
            }
            boolean _ = Thread.interrupted();
            if (isStopped) {
                result = new GuestResult.Stopped();
            }
            isBroken = !(result instanceof GuestResult.Returned);
            return result;
        }

        @Override
        public void stop() {
            isStopped = true;
            synchronized (this) {
                Thread running = runner;
                if (running != null) {
                    running.interrupt();
                }
            }
        }

        @Override
        public boolean isUsable() {
            return !isBroken;
        }

        @Override
        public void close() {
            OPEN.remove(this);
        }
    }
}
