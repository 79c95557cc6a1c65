package io.pinion.modules.wasm;

import io.pinion.modules.HostType;
import io.pinion.modules.Instance;
import io.pinion.modules.InstanceHost;
import io.pinion.modules.InvalidModuleException;
import io.pinion.modules.Module;
import io.pinion.modules.ModuleLimits;
import io.pinion.store.schema.ModuleDef;
import io.pinion.store.value.Bytes;
import java.util.List;

public final class WasmModule implements Module {
    private final Bytes program;
    private final ModuleDef definition;

    private WasmModule(Bytes program, ModuleDef definition) {
        this.program = program;
        this.definition = definition;
    }

    public static boolean isWasm(Bytes program) {
        return program.length() >= 4 && program.at(0) == 0;
    }

    public static WasmModule load(Bytes program, ModuleLimits limits) throws InvalidModuleException {
        throw new InvalidModuleException("no engine yet");
    }

    @Override
    public HostType hostType() {
        return HostType.WASM;
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
    public List<String> warnings() {
        return List.of();
    }

    @Override
    public Instance instantiate(InstanceHost host) throws InvalidModuleException {
        throw new InvalidModuleException("no engine yet");
    }
}
