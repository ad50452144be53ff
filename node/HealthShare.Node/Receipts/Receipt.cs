using System.Text.Json;
using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Receipts;

/// <summary>
/// What a patient, or anybody, keeps to show later that the channel took a statement or an attestation: it can be verified without
/// the channel. Binary values are base64url.
/// </summary>
/// <param name="V">Version of the form, 2.</param>
/// <param name="Channel">Name of the channel.</param>
/// <param name="PatientId">Patient.</param>
/// <param name="Id">Id of the statement or attestation, or of the signer that hospitals vouch for.</param>
/// <param name="TransactionId">The transaction.</param>
/// <param name="Envelope">The transaction as the block holds it, with its endorsements.</param>
/// <param name="Block">The block.</param>
/// <param name="Signatures">Members' nodes that say that it stands there and counts, one each.</param>
/// <param name="Configuration">The channel's config blocks from the genesis block to the one in force then.</param>
/// <param name="Statement">The statement's exact bytes with its assertion; null for an attestation.</param>
/// <param name="Attestation">What a hospital attested, as it called the contract; null for a statement.</param>
/// <param name="Credential">The credential that signed the statement, as the members know it; null for an attestation.</param>
public sealed record Receipt(
    int V, string Channel, string PatientId, string Id, string TransactionId, string Envelope, ReceiptBlock Block,
    IReadOnlyList<ReceiptSignature> Signatures, IReadOnlyList<string> Configuration, SignedStatement? Statement = null,
    JsonElement? Attestation = null, Credential? Credential = null);

/// <summary>Where the transaction stands.</summary>
/// <param name="Number">Number of the block.</param>
/// <param name="PreviousHash">Hash of the block before, as the header names it.</param>
/// <param name="DataHash">Hash of the block's transactions, as the header names it.</param>
/// <param name="HeaderHash">Hash of the header.</param>
/// <param name="Code">Validation code of the transaction, <c>valid</c>.</param>
public sealed record ReceiptBlock(ulong Number, string PreviousHash, string DataHash, string HeaderHash, string Code);

/// <summary>A node's signature over a <see cref="ReceiptClaim"/>.</summary>
/// <param name="Member">MSP id.</param>
/// <param name="Identity">The node's certificate, a serialized <c>msp.SerializedIdentity</c>.</param>
/// <param name="SignedAt">When it signed, by its own clock.</param>
/// <param name="Signature">DER, over <see cref="ReceiptClaim.ToBytes"/>.</param>
public sealed record ReceiptSignature(string Member, string Identity, DateTimeOffset SignedAt, string Signature);

/// <summary>Asks a node to say that a transaction is committed and valid. It signs only what its own copy of the channel says, too.</summary>
/// <param name="Channel">Name of the channel.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="HeaderHash">Hash of the block's header.</param>
/// <param name="TransactionId">The transaction.</param>
/// <param name="EnvelopeHash">SHA-256 of its envelope.</param>
/// <param name="PatientId">The patient whose credential signed; null with <paramref name="Credential"/>.</param>
/// <param name="DelegateId">The delegate or signer whose credential it is; null for the patient's own.</param>
/// <param name="Credential">The credential; null where none signed.</param>
public sealed record ReceiptQuestion(
    string Channel, ulong Block, string HeaderHash, string TransactionId, string EnvelopeHash, string? PatientId = null,
    string? DelegateId = null, Credential? Credential = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    MaxDepth = 32,
    Converters = [typeof(LedgerTimeConverter)])]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(ReceiptQuestion))]
[JsonSerializable(typeof(ReceiptSignature))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ReceiptJson : JsonSerializerContext;
