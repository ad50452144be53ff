namespace HealthShare.Vault;

/// <summary>Sealed bytes were refused: forged, damaged, cut, for another key, or not in a form this version reads.</summary>
/// <remarks>The message names the reason and the position, never content. <see cref="Code"/> is stable.</remarks>
public sealed class VaultException(string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable code, such as <c>record.not_authentic</c>; never translated.</summary>
    public string Code { get; } = code;
}
