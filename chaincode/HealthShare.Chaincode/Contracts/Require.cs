using HealthShare.Chaincode.Shim;
using HealthShare.Policy;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>Checks on arguments. The message names the argument and never repeats it.</summary>
internal static class Require
{
    public static void That(bool holds, string name, string what)
    {
        if (!holds)
            throw new ContractException(ShimCodes.ArgumentsInvalid, $"Argument '{name}' {what}.");
    }

    public static void Id(IdKind kind, string id, string name) =>
        That(LedgerId.IsValid(kind, id), name, $"is not the id of a {kind.ToString().ToLowerInvariant()}");

    public static void MspId(string mspId, string name) => That(LedgerCode.IsMspId(mspId), name, "is not an MSP id");

    public static void Code(string code, string name) =>
        That(LedgerCode.IsCode(code), name, "is not 1 to 64 letters, digits, dots, underscores and hyphens");

    public static void Hash(string hash, string name) =>
        That(StrictBase64Url.IsValid(hash, Limits.HashBytes, Limits.HashBytes), name, $"is not {Limits.HashBytes} bytes in base64url");

    public static void Count<T>(IReadOnlyList<T> items, int min, int max, string name)
    {
        That(items.Count >= min && items.Count <= max, name, $"has {items.Count} entries, not {min} to {max}");
        // JSON's null passes as an entry of a list, whatever the list's type says.
        That(items.All(static item => item is not null), name, "holds null");
    }

    public static void Distinct<T>(IEnumerable<T> items, string name)
    {
        var seen = new HashSet<T>();
        That(items.All(seen.Add), name, "names something twice");
    }

    public static void Tokens(IReadOnlyList<string> tokens, int min, string name)
    {
        Count(tokens, min, Limits.TokensPerDimension, name);
        That(tokens.All(Token.IsValid), name, "holds something that is not a token");
        Distinct(tokens, name);
    }

    /// <inheritdoc cref="Policy{T}"/>
    public static async Task<T> PolicyAsync<T>(Func<Task<T>> check)
    {
        try { return await check(); }
        catch (PolicyException e) { throw new ContractException(e.Code, e.Message, e); }
    }

    /// <summary>Runs a check of the policy library; its refusal becomes the contract's.</summary>
    public static T Policy<T>(Func<T> check)
    {
        try { return check(); }
        catch (PolicyException e) { throw new ContractException(e.Code, e.Message, e); }
    }
}
