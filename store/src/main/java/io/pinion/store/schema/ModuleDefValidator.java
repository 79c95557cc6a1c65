package io.pinion.store.schema;

import io.pinion.store.value.Bytes;
import java.util.List;

final class ModuleDefValidator {
    private ModuleDefValidator() {}

    static ModuleDef validate(Bytes raw) throws InvalidModuleDefException {
        throw new InvalidModuleDefException(List.of("no description can be read yet, " + raw.length() + " bytes given"));
    }
}
