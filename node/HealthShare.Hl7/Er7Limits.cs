namespace HealthShare.Hl7;

/// <summary>What a message may at most be. Parsing is linear in the size; the limits bound memory, not time alone.</summary>
/// <param name="MaxBytes">Largest message in bytes, 1 to 2,147,483,647.</param>
/// <param name="MaxSegments">Most segments in one message, 1 or more.</param>
public sealed record Er7Limits(int MaxBytes, int MaxSegments)
{
    /// <summary>256 MiB and one million segments: generous, for files. A listener sets its own, lower ones.</summary>
    public static Er7Limits Default { get; } = new(256 * 1024 * 1024, 1_000_000);
}
