namespace HealthShare.DevLedger.Ordering;

/// <summary>
/// Faults of the disk, which may pass, as told from faults of the code, which do not; and what clients are told of them, without
/// the paths that a system's own messages hold.
/// </summary>
internal static class StorageFault
{
    private const int NoSpace = 28, QuotaExceeded = 122, WindowsDiskFull = unchecked((int)0x80070070); // errno on Unix

    /// <summary>Whether the disk is full or failing, so that the same write may succeed later.</summary>
    public static bool Is(Exception e) => e is IOException or UnauthorizedAccessException;

    public static string Describe(Exception e) => e switch
    {
        IOException { HResult: NoSpace or QuotaExceeded or WindowsDiskFull } => "its disk is full",
        IOException or UnauthorizedAccessException => "its disk is failing",
        _ => "an unexpected fault has ended ordering; the ledger's log tells it",
    };
}
