namespace HealthShare.DevLedger.Ordering;

/// <summary>Says to clients why the ledger cannot be written, without the paths that a system's own messages hold.</summary>
internal static class StorageFault
{
    private const int NoSpace = 28, QuotaExceeded = 122, WindowsDiskFull = unchecked((int)0x80070070); // errno on Unix

    public static string Describe(Exception e) => e switch
    {
        IOException { HResult: NoSpace or QuotaExceeded or WindowsDiskFull } => "its disk is full",
        IOException or UnauthorizedAccessException => "its disk is failing",
        _ => "the last block could not be committed",
    };
}
