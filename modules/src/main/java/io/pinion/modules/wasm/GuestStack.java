package io.pinion.modules.wasm;

import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.NameCustomSection;
import io.pinion.modules.ModuleLog.Frame;
import java.util.ArrayList;
import java.util.List;

/** Finds the guest's functions in a Java stack trace: the compiler gives each a method named after its number. */
final class GuestStack {
    private static final String METHOD_PREFIX = "func_";
    private static final String CLASS_PREFIX = "com.dylibso.chicory.$gen.";
    private static final int FRAMES_MAX = 64;

    private final WasmModule module;

    GuestStack(WasmModule module) {
        this.module = module;
    }

    /** The guest's frames, innermost first. */
    List<Frame> frames(Throwable thrown) {
        List<Frame> frames = new ArrayList<>();
        for (StackTraceElement element : thrown.getStackTrace()) {
            String method = element.getMethodName();
            if (element.getClassName().startsWith(CLASS_PREFIX) && isFunction(method) && frames.size() < FRAMES_MAX) {
                frames.add(new Frame(null, name(Integer.parseInt(method.substring(METHOD_PREFIX.length())))));
            }
        }
        return frames;
    }

    private static boolean isFunction(String method) {
        return method.matches(METHOD_PREFIX + "[0-9]{1,9}");
    }

    /** The name from the program's name section, else its number. */
    String name(int function) {
        NameCustomSection names = module.nameSection();
        String name = names == null ? null : names.nameOfFunction(function);
        return name == null ? "function " + function : name;
    }
}
