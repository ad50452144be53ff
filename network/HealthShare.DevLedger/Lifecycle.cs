namespace HealthShare.DevLedger;

/// <summary>Where Fabric's lifecycle keeps chaincode definitions in the world state.</summary>
internal static class Lifecycle
{
    public const string Namespace = "_lifecycle";

    /// <summary>Version that peers give their own chaincodes.</summary>
    public const string Version = "syscc";

    public static string MetadataKey(string chaincode) => $"namespaces/metadata/{chaincode}";

    public static string FieldKey(string chaincode, string field) => $"namespaces/fields/{chaincode}/{field}";

    public static string SequenceKey(string chaincode) => FieldKey(chaincode, "Sequence");
}
