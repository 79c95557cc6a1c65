package io.pinion.store.schema;

import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.Bytes;
import io.pinion.store.value.SatsJson;

/** The schema endpoint's body: a validated definition written back as a description, in native JSON. Threadsafe. */
public final class SchemaJson {
    private SchemaJson() {}

    /**
     * Writes the whole definition, without the wrapper that tells the version. Costs about as much as validating it: who
     * serves it often keeps the text.
     *
     * @param version 9 or 10. Version 9 has no room for submodules, event tables, HTTP, visibilities and source names and
     *     leaves them out
     * @throws IllegalArgumentException if the version is another
     */
    public static String write(ModuleDef def, int version) {
        ValidModule module = tree(def);
        return switch (version) {
            case 9 -> json(RawModuleDefTypes.V9, RawModuleDefWriter.write(DescriptionV9.of(module)));
            case 10 -> json(RawModuleDefTypes.V10, RawModuleDefWriter.write(DescriptionV10.of(module)));
            default -> throw new IllegalArgumentException("schema version must be 9 or 10, not " + version);
        };
    }

    private static ValidModule tree(ModuleDef def) {
        try {
            return ModuleDefValidator.tree(def.raw());
        } catch (InvalidModuleDefException e) {
            throw new IllegalArgumentException("the definition does not come from its description", e);
        }
    }

    private static String json(AlgebraicType type, Bytes description) {
        return SatsJson.toJson(SatsJson.Spelling.NATIVE, RawModuleDefTypes.TYPESPACE, type, description);
    }
}
