using System.Diagnostics.CodeAnalysis;

namespace HealthShare.DevLedger.State;

/// <summary>Fabric's collections of one organization, which need no definition: <c>_implicit_org_MSPID</c>.</summary>
internal static class ImplicitCollection
{
    private const string Prefix = "_implicit_org_";

    public static string Of(string mspId) => Prefix + mspId;

    /// <summary>The organization that a collection belongs to; false where the name is of another kind.</summary>
    public static bool TryGetOwner(string collection, [NotNullWhen(true)] out string? mspId)
    {
        mspId = collection.StartsWith(Prefix, StringComparison.Ordinal) ? collection[Prefix.Length..] : null;
        return mspId is not null;
    }
}
