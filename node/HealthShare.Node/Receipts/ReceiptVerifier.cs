using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Google.Protobuf;
using HealthShare.Chaincode;
using HealthShare.Chaincode.Ledger;
using HealthShare.Fabric.Client.Verification;
using HealthShare.Fabric.Protocol;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Policies;
using HealthShare.Policy;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Receipts;

/// <summary>
/// Verifies a receipt without the channel: from the pinned genesis block to the members' certificates, from those to the endorsements
/// and the nodes' signatures, and from the transaction to what the patient signed. Stops at the first thing that does not hold.
/// </summary>
internal sealed class ReceiptVerifier
{
    /// <summary>Longest receipt, in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private const int MaxPartBytes = 4 * 1024 * 1024, HashBytes = 32, FewestNodes = 2;
    private const int Success = 200;
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(10);
    private readonly ReceiptTrust trust;
    private readonly List<ReceiptFinding> findings = [];
    private readonly List<string> notChecked = [];
    private ReceiptSummary? summary;
    private bool anchored;

    private ReceiptVerifier(ReceiptTrust trust) => this.trust = trust;

    /// <summary>Verifies a receipt. Never throws, whatever the bytes are.</summary>
    /// <param name="json">The receipt.</param>
    /// <param name="trust">What the verification rests on.</param>
    public static ReceiptReport Verify(ReadOnlyMemory<byte> json, ReceiptTrust trust)
    {
        var verifier = new ReceiptVerifier(trust);
        var name = "form";
        try
        {
            verifier.Run(json, next => name = next);
        }
        catch (Exception e) when (e is FabricDataException or PolicyException or JsonException or CryptographicException)
        {
            // The parser's own words can quote the receipt at length; where it is broken is of no use to anybody.
            verifier.findings.Add(new ReceiptFinding(name, false, e is JsonException ? "It is not of the form of a receipt." : e.Message));
        }
        return new ReceiptReport(verifier.findings.All(finding => finding.Ok), verifier.anchored, verifier.summary, verifier.findings, verifier.notChecked);
    }

    private void Run(ReadOnlyMemory<byte> json, Action<string> begin)
    {
        if (json.Length > MaxBytes)
            throw new FabricDataException("It is longer than any receipt.");
        var receipt = JsonSerializer.Deserialize(json.Span, ReceiptJson.Default.Receipt);
        if (receipt is not { V: 2 } || receipt.Statement is null == receipt.Attestation is null || receipt.Signatures.Count > 100
            || receipt.Configuration.Count > 1000 || receipt.Signatures.Contains(null!) || receipt.Configuration.Contains(null!))
            throw new FabricDataException("It is not a receipt of version 2.");
        Holds("form", "It is a receipt of version 2.");

        begin("configuration");
        var config = CheckConfiguration(receipt);
        begin("transaction");
        var envelope = Decode(receipt.Envelope, MaxPartBytes, "envelope");
        var evidence = CheckTransaction(receipt, envelope, config);
        begin("endorsements");
        CheckEndorsements(evidence, config);
        begin("call");
        var call = CheckCall(receipt, evidence.Transaction.Endorsed);
        begin("statement");
        CheckStatement(receipt, call);
        begin("block");
        CheckBlock(receipt);
        begin("nodes");
        CheckNodes(receipt, envelope, evidence.Transaction, config);
        notChecked.Add("A receipt shows what was taken then, not whether it was revoked since.");
    }

    private ChannelConfig CheckConfiguration(Receipt receipt)
    {
        var blocks = receipt.Configuration.Select(text => Block.Parser.Read(
            UnsafeByteOperations.UnsafeWrap(Decode(text, MaxPartBytes, "config block")), "config block")).ToList();
        var (config, hash) = ConfigHistory.Verify(blocks);
        var genesis = Convert.ToHexStringLower(hash.Span);
        summary = new ReceiptSummary(config.ChannelId, genesis, null, receipt.PatientId, receipt.Id, receipt.TransactionId, receipt.Block.Number, null, null, [], []);
        if (trust.Genesis is { } pinned && !pinned.Equals(genesis, StringComparison.OrdinalIgnoreCase))
            throw new FabricDataException($"It is from another channel than the pinned one: its genesis block has the hash {genesis}.");
        if (config.ChannelId != receipt.Channel)
            throw new FabricDataException("Its configuration is that of another channel.");
        anchored = trust.Genesis is not null;
        if (!anchored)
            notChecked.Add("THAT THIS IS THE CHANNEL IT SAYS. No genesis hash was given, so whoever made this receipt may have made up its members, too.");
        Holds("configuration", anchored
            ? $"The members of channel {config.ChannelId} follow from the pinned genesis block."
            : $"The members of channel {config.ChannelId} follow from genesis block {genesis}, which is NOT pinned.");
        return config;
    }

    private TransactionEvidence CheckTransaction(Receipt receipt, byte[] envelope, ChannelConfig config)
    {
        var evidence = TransactionEvidence.Check(envelope, config);
        var (transaction, call) = (evidence.Transaction, evidence.Transaction.Endorsed);
        if (transaction.Id != receipt.TransactionId)
            throw new FabricDataException("It names another transaction than the one it holds.");
        if (call.ChaincodeName != ContractCatalog.ChaincodeName || call.Response?.Status is not Success)
            throw new FabricDataException("The transaction is no successful call of HealthShare's chaincode.");
        var time = transaction.Timestamp;
        summary = summary! with { ProposedAt = time, Sender = transaction.CreatorMspId, Call = call.Function };
        Holds("transaction", $"The transaction is signed by {transaction.CreatorMspId}; its id is the hash of its nonce and sender.");
        return evidence;
    }

    private void CheckEndorsements(TransactionEvidence evidence, ChannelConfig config)
    {
        var members = evidence.Endorsers.Select(endorser => endorser.MspId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        summary = summary! with { Endorsers = members };
        var by = members.Count == 0 ? "nobody" : string.Join(", ", members);
        if (trust.Hospitals is { } hospitals)
        {
            var needed = (hospitals.Count / 2) + 1;
            var rule = new SignatureRule(SignaturePolicyParser.Parse($"OutOf({needed}, {string.Join(", ", hospitals.Select(mspId => $"'{mspId}.peer'"))})"));
            if (!rule.IsSatisfiedBy(evidence.Endorsers))
                throw new FabricDataException($"It is endorsed by {by}: not by more than half of the {hospitals.Count} hospitals.");
            Holds("endorsements", $"Endorsed by peers of {by}: more than half of the {hospitals.Count} hospitals.");
            return;
        }
        var peers = evidence.Endorsers.Where(endorser => endorser.HasRole(MSPRole.Types.MSPRoleType.Peer)).Select(endorser => endorser.MspId).Distinct().Count();
        if (peers < Math.Min(FewestNodes, config.Organizations.Length))
            throw new FabricDataException($"It is endorsed by {by}: not by peers of two members.");
        notChecked.Add("Whether its endorsers are more than half of the hospitals: which members are hospitals was not given.");
        Holds("endorsements", $"Endorsed by peers of {by}.");
    }

    private ReceiptCall CheckCall(Receipt receipt, EndorserTransactionView endorsed)
    {
        var call = ReceiptCall.Read(endorsed);
        if (call.PatientId != receipt.PatientId || call.Id != receipt.Id)
            throw new FabricDataException("The transaction is about another patient or statement.");
        if (call.Signed is { } signed
            ? receipt.Statement is null || !LedgerValue.Same(signed, receipt.Statement, LedgerJson.Default.SignedStatement)
            : receipt.Attestation is not { } attestation || !JsonElement.DeepEquals(attestation, call.Attestation!.Value))
            throw new FabricDataException("The transaction does not bring what the receipt shows.");
        if (!call.IsWrittenBy(endorsed, ContractCatalog.ChaincodeName))
            throw new FabricDataException("What was endorsed does not write it to the ledger.");
        Holds("call", $"It calls {call.Function} with exactly this {(call.Signed is null ? "word of a hospital" : "statement and assertion")}, and what was endorsed writes it.");
        return call;
    }

    private void CheckStatement(Receipt receipt, ReceiptCall call)
    {
        if (call.Statement is not { } statement)
        {
            if (receipt.Credential is not null)
                throw new FabricDataException("A credential stands beside what no credential signed.");
            Holds("statement", $"It is {summary!.Sender}'s own word; nobody signed for the patient.");
            return;
        }
        if (statement.Channel != receipt.Channel)
            throw new FabricDataException("The statement is for another channel.");
        if (receipt.Credential is not { } credential || credential.CredentialId != call.Signer!.Credential)
            throw new FabricDataException("The credential that signed is not in the receipt.");
        SignedStatementReader.Verify(receipt.Statement!, credential);
        notChecked.Add("That the credential was the patient's and in force then: the endorsers checked that, and the nodes say that they know it.");
        Holds("statement", $"The statement {statement.Id} is canonical; the credential {credential.CredentialId} ({credential.RpId}) signed exactly its bytes.");
    }

    private void CheckBlock(Receipt receipt)
    {
        var block = receipt.Block;
        var header = new BlockHeader
        {
            Number = block.Number,
            PreviousHash = UnsafeByteOperations.UnsafeWrap(Hash(block.PreviousHash)),
            DataHash = UnsafeByteOperations.UnsafeWrap(Hash(block.DataHash)),
        };
        if (!BlockHashes.HeaderHash(header).Span.SequenceEqual(Hash(block.HeaderHash)))
            throw new FabricDataException("The hash of the block's header is another one.");
        if (block.Code != "valid")
            throw new FabricDataException("Its validation code is not 'valid'.");
        Holds("block", $"The header of block {block.Number} has the hash that the nodes signed for.");
    }

    private void CheckNodes(Receipt receipt, byte[] envelope, TransactionView transaction, ChannelConfig config)
    {
        var members = new ReceiptMembers(config);
        var envelopeHash = Base64Url.EncodeToString(SHA256.HashData(envelope));
        var signed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var signature in receipt.Signatures)
        {
            var claim = new ReceiptClaim(receipt.Channel, receipt.Block.Number, receipt.Block.HeaderHash, receipt.TransactionId, envelopeHash,
                receipt.Credential, signature.SignedAt);
            if (members.FaultOf(signature, claim) is { } fault)
                throw new FabricDataException(fault);
            if (transaction.Timestamp is { } made && signature.SignedAt < made - ClockTolerance)
                throw new FabricDataException($"{signature.Member} signed before the transaction was made.");
            if (!signed.Add(signature.Member))
                throw new FabricDataException($"{signature.Member} signed twice; the signatures must be of different members.");
        }
        summary = summary! with { Nodes = [.. signed] };
        if (signed.Count < FewestNodes)
            throw new FabricDataException(string.Create(CultureInfo.InvariantCulture, $"{signed.Count} members' nodes signed; it takes {FewestNodes}."));
        notChecked.Add("That the block holds the transaction, and as valid, is the word of those nodes: to see for yourself takes the whole chain ('healthshare audit verify').");
        Holds("nodes", $"Nodes of {string.Join(" and ", signed)} sign that it stands in block {receipt.Block.Number} and is valid.");
    }

    private void Holds(string name, string text) => findings.Add(new ReceiptFinding(name, true, text));

    private static byte[] Hash(string text) => Decode(text, HashBytes, "hash");

    private static byte[] Decode(string text, int maxBytes, string what) => StrictBase64Url.TryDecode(text, maxBytes, out var bytes)
        ? bytes
        : throw new FabricDataException($"Its {what} is not base64url, or too long.");
}
