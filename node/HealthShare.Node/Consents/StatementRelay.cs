using System.Text.Json.Serialization.Metadata;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using HealthShare.Node.Problems;
using HealthShare.Node.ReadModel;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents;

/// <summary>Brings what a patient signed to the ledger. The chaincode checks it; here is only checked what the address says.</summary>
internal sealed partial class StatementRelay(LedgerService ledger, CatchUp catchUp, ILogger<StatementRelay> logger)
{
    /// <summary>Relays a statement and waits, for a while, until this node's copy has it.</summary>
    /// <param name="caller">Who hands it in; a patient only for own statements.</param>
    /// <param name="patientId">Patient in the address.</param>
    /// <param name="signed">The statement and its assertion.</param>
    /// <param name="transaction"><c>Contract:Transaction</c>.</param>
    /// <param name="resultType">JSON form of the result.</param>
    /// <param name="check">Throws when the body is not what the address says.</param>
    /// <param name="ct">Stops the wait, not an ordered transaction.</param>
    /// <exception cref="PolicyException">The statement is not one, or not for this address.</exception>
    /// <exception cref="ApiProblemException">The caller may not speak for this patient.</exception>
    /// <exception cref="HealthShare.Fabric.Client.LedgerException">The ledger refuses or is away.</exception>
    public async Task<TResult> RelayAsync<TResult>(
        Caller caller, string patientId, SignedStatement signed, string transaction, JsonTypeInfo<TResult> resultType,
        Action<StatementBody> check, CancellationToken ct)
    {
        var statement = Check(caller, patientId, signed, check);
        var commit = await ledger.SubmitAsync(transaction, signed, LedgerJson.Default.SignedStatement, resultType, ct);
        LogRelayed(transaction, statement.Id, commit.TransactionId, commit.Block);
        await catchUp.ToAsync(commit.Block, ct);
        return commit.Result;
    }

    /// <summary>Checks what the address says.</summary>
    /// <inheritdoc cref="RelayAsync" path="/exception"/>
    public static Statement Check(Caller caller, string patientId, SignedStatement signed, Action<StatementBody> check)
    {
        if (!caller.MaySpeakFor(patientId))
            throw new ApiProblemException(ApiProblem.NotAvailable);
        var statement = SignedStatementReader.Read(signed);
        if (statement.Patient != patientId)
            throw new PolicyException("statement.wrong_patient", "The statement is about another patient than the address.");
        check(statement.Body);
        return statement;
    }

    [LoggerMessage(3601, LogLevel.Information, "{Transaction} of statement {StatementId}: {TransactionId} in block {Block}.")]
    private partial void LogRelayed(string transaction, string statementId, string transactionId, ulong block);
}
