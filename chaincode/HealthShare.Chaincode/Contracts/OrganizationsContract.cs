using System.Security.Cryptography;
using HealthShare.Chaincode.Ledger;
using HealthShare.Chaincode.Shim;
using HealthShare.Policy.Ids;

namespace HealthShare.Chaincode.Contracts;

/// <summary>The members of the channel and its settings.</summary>
/// <param name="clock">The endorser's clock.</param>
public sealed partial class OrganizationsContract(TimeProvider clock) : LedgerContract(clock)
{
    private const int PointBytes = 65;

    /// <summary>Lists the founders, once. Repeating it with the same content has no second effect.</summary>
    /// <param name="tx">The transaction; the caller is a founder.</param>
    /// <param name="network">Founders and settings.</param>
    /// <exception cref="ContractException">
    /// <c>arguments.invalid</c>, <c>caller.not_founder</c> or <c>organizations.already_initialized</c>.
    /// </exception>
    [Transaction]
    public async Task<Network> InitAsync(TransactionContext tx, InitNetwork network)
    {
        Require.Count(network.Organizations, 1, Limits.Organizations, "organizations");
        var founders = network.Organizations.OrderBy(founder => founder.MspId, StringComparer.Ordinal).ToArray();
        var settings = network.Settings ?? new ChannelSettings();
        Check(founders, settings);
        if (!founders.Any(founder => founder.MspId == tx.Caller.MspId))
            throw new ContractException("caller.not_founder", "The caller's organization is not among the founders.");

        var wanted = new Network(founders, settings);
        if (await tx.ExistsAsync(LedgerKey.Settings))
        {
            var current = await ReadAsync(tx);
            return Same(current, wanted, LedgerJson.Default.Network)
                ? current
                : throw new ContractException("organizations.already_initialized", "The channel already has its founders.");
        }
        await tx.PutAsync(LedgerKey.Settings, settings, LedgerJson.Default.ChannelSettings);
        foreach (var founder in founders)
            await tx.PutAsync(LedgerKey.Organization(founder.MspId), founder, LedgerJson.Default.OrganizationEntry);
        Announce(tx, [LedgerKey.Settings, .. founders.Select(founder => LedgerKey.Organization(founder.MspId))]);
        return wanted;
    }

    /// <summary>
    /// Replaces the caller's own sealing key. What is sealed from the next block on is sealed to the new one; the member keeps
    /// the old one for what is under way. Repeating it has no second effect.
    /// </summary>
    /// <param name="tx">The transaction; the caller is a member.</param>
    /// <param name="key">The new key, with an id of its own.</param>
    /// <exception cref="ContractException"><c>arguments.invalid</c>, <c>caller.not_member</c> or <c>sealing_key.id_taken</c>.</exception>
    [Transaction]
    public async Task<OrganizationEntry> UpdateSealingKeyAsync(TransactionContext tx, SealingKey key)
    {
        Check(key);
        var member = await MemberAsync(tx);
        if (member.SealingKey == key)
            return member;
        if (member.SealingKey.KeyId == key.KeyId)
            throw new ContractException("sealing_key.id_taken", "Another key of the caller has this id.");
        var updated = member with { SealingKey = key };
        var ledgerKey = LedgerKey.Organization(member.MspId);
        await tx.PutAsync(ledgerKey, updated, LedgerJson.Default.OrganizationEntry);
        Announce(tx, [ledgerKey]);
        return updated;
    }

    /// <summary>One member; open to anyone on the channel.</summary>
    /// <exception cref="ContractException"><c>organization.not_found</c>.</exception>
    [Transaction(Evaluate = true)]
    public async Task<OrganizationEntry> GetAsync(TransactionContext tx, string mspId)
    {
        Require.MspId(mspId, nameof(mspId));
        return await tx.GetAsync(LedgerKey.Organization(mspId), LedgerJson.Default.OrganizationEntry)
            ?? throw new ContractException("organization.not_found", $"'{mspId}' is not a member of this channel.");
    }

    /// <summary>All members and the settings; open to anyone on the channel, and empty before Init.</summary>
    [Transaction(Evaluate = true)]
    public Task<Network> ListAsync(TransactionContext tx) => ReadAsync(tx);

    private static async Task<Network> ReadAsync(TransactionContext tx) => new(
        await ListAsync(tx, LedgerKind.Organization, [], LedgerJson.Default.OrganizationEntry),
        await tx.GetAsync(LedgerKey.Settings, LedgerJson.Default.ChannelSettings));

    private static void Check(OrganizationEntry[] founders, ChannelSettings settings)
    {
        foreach (var founder in founders)
        {
            Check(founder);
            Require.That(founder is { SuspendedAt: null, ReinstatedAt: null }, "suspendedAt", "or reinstatedAt is given for a founder");
        }
        Require.Distinct(founders.Select(founder => founder.MspId), "organizations");
        Require.That(founders.Any(founder => founder.Kind is OrganizationKind.Hospital), "organizations", "names no hospital");
        Check(settings);
    }

    private static void Check(OrganizationEntry member)
    {
        Require.MspId(member.MspId, "mspId");
        Require.That(member.Name is { Length: >= 1 and <= Limits.NameLength } && !member.Name.Any(char.IsControl), "name",
            $"is not 1 to {Limits.NameLength} characters");
        Check(member.SealingKey);
    }

    private static void Check(ChannelSettings settings)
    {
        Require.That(settings.PermitMaxAgeSeconds is >= 60 and <= 3600, "permitMaxAgeSeconds", "is not 60 to 3600");
        Require.That(settings.MaxStatementsInForce is >= 1 and <= 1000, "maxStatementsInForce", "is not 1 to 1000");
        Require.That(settings.MaxEmergencyHours is >= 1 and <= 24, "maxEmergencyHours", "is not 1 to 24");
        Require.That(settings.ReviewDueHours is >= 1 and <= 720, "reviewDueHours", "is not 1 to 720");
        Require.That(settings.BroadPermitWaitHours is >= 0 and <= 720, "broadPermitWaitHours", "is not 0 to 720");
        Require.That(settings.BroadPermitDays is >= 1 and <= 3660, "broadPermitDays", "is not 1 to 3660");
    }

    private static void Check(SealingKey key)
    {
        Require.Code(key.KeyId, "keyId");
        Require.That(IsPoint(key.PublicKey), "publicKey", "is not an uncompressed point of P-256 in base64url");
    }

    private static bool IsPoint(string publicKey)
    {
        if (!StrictBase64Url.TryDecode(publicKey, PointBytes, out var bytes) || bytes.Length != PointBytes || bytes[0] != 4)
            return false;
        try
        {
            ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = bytes[1..33], Y = bytes[33..] },
            }).Dispose();
            return true;
        }
        catch (CryptographicException)
        {
            return false; // the point is not on the curve
        }
    }
}
