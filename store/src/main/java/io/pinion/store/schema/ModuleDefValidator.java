package io.pinion.store.schema;

import io.pinion.store.value.BsatnException;
import io.pinion.store.value.Bytes;
import java.util.List;

/** From the bytes of a module description to its validated definition. */
final class ModuleDefValidator {
    private ModuleDefValidator() {}

    static ModuleDef validate(Bytes raw) throws InvalidModuleDefException {
        RawModuleDef description = decode(raw);
        return Flattener.flatten(version(description), tree(description), raw);
    }

    /** The validated modules, each on its own. */
    static ValidModule tree(Bytes raw) throws InvalidModuleDefException {
        return tree(decode(raw));
    }

    private static RawModuleDef decode(Bytes raw) throws InvalidModuleDefException {
        try {
            return RawModuleDefReader.read(raw);
        } catch (BsatnException e) {
            throw new InvalidModuleDefException(
                    List.of("the module description of " + raw.length() + " bytes is malformed: " + e.getMessage()));
        }
    }

    private static int version(RawModuleDef description) {
        return switch (description) {
            case RawModuleDef.V8 _ -> 8;
            case RawModuleDef.V9 _ -> 9;
            case RawModuleDef.V10 _ -> 10;
        };
    }

    private static ValidModule tree(RawModuleDef description) throws InvalidModuleDefException {
        Errors errors = new Errors();
        ValidModule module = switch (description) {
            case RawModuleDef.V8 v8 ->
                ModuleChecker.checkV9(V9Lift.lift(V8Upgrade.upgrade(v8, errors), errors), errors);
            case RawModuleDef.V9 v9 -> ModuleChecker.checkV9(V9Lift.lift(v9, errors), errors);
            case RawModuleDef.V10 v10 -> ModuleChecker.checkV10(v10, errors);
        };
        errors.throwIfAny();
        return module;
    }
}
