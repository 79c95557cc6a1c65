package io.pinion.modules.wasm;

import io.pinion.modules.HostType;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.schema.InvalidModuleDefException;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.BsatnException;
import io.pinion.store.value.Bytes;
import java.util.List;
import java.util.Optional;

/** A WebAssembly module: compiled once to JVM bytecode, shared by all its instances. */
public final class WasmModule implements Module {
    private final Bytes bytes;
    private final WasmProgram program;
    private final ModuleDef definition;

    private WasmModule(Bytes bytes, WasmProgram program, ModuleDef definition) {
        this.bytes = bytes;
        this.program = program;
        this.definition = definition;
    }

    /** Whether the program starts as WebAssembly does. */
    public static boolean isWasm(Bytes program) {
        return WasmBinary.hasMagic(program);
    }

    /**
     * Compiles a program and asks a throw-away instance of it for its description.
     *
     * @throws InvalidModuleException if it is malformed, beyond the limits, not written for this ABI, fails to initialise,
     *     or describes itself wrongly
     */
    public static WasmModule load(Bytes bytes, ModuleLimits limits) throws InvalidModuleException {
        WasmProgram program = WasmProgram.compile(bytes, limits);
        return new WasmModule(bytes, program, define(describe(program)));
    }

    private static Bytes describe(WasmProgram program) throws InvalidModuleException {
        DescribingHost host = new DescribingHost();
        try (WasmInstance instance = program.instantiate(host)) {
            return instance.description();
        } catch (InvalidModuleException e) {
            throw host.withLastError(e);
        }
    }

    private static ModuleDef define(Bytes description) throws InvalidModuleException {
        if (description.isEmpty()) {
            throw new InvalidModuleException("the module's __describe_module__ wrote nothing");
        }
        try {
            return ModuleDef.of(description);
        } catch (InvalidModuleDefException e) {
            throw new InvalidModuleException("the module's description is invalid: " + e.getMessage(), e);
        } catch (BsatnException e) {
            throw new InvalidModuleException("the module's description cannot be decoded: " + e.getMessage(), e);
        }
    }

    @Override
    public HostType hostType() {
        return HostType.WASM;
    }

    @Override
    public Bytes program() {
        return bytes;
    }

    @Override
    public ModuleDef definition() {
        return definition;
    }

    @Override
    public Optional<Bytes> guestLibrary() {
        return Optional.empty();
    }

    @Override
    public List<String> warnings() {
        return program.warnings();
    }

    @Override
    public boolean hasRoomForSpare() {
        return program.memoryBudget().isHalfFree();
    }

    @Override
    public Instance instantiate(InstanceHost host) throws InvalidModuleException {
        return program.instantiate(host);
    }
}
