using HealthShare.Fabric.Client;
using HealthShare.Node.ReadModel;
using HealthShare.Vault;

namespace HealthShare.Node.Patients;

/// <summary>Sends and fetches label keys as blocks bring affiliations; what fails is tried again, ever more rarely.</summary>
internal sealed partial class LabelKeyWorker(
    LabelKeyTasks tasks, LabelKeyExchange exchange, IReadModel readModel, TimeProvider clock, ILogger<LabelKeyWorker> logger)
    : TaskListWorker<LabelKeyTask>(tasks, readModel, clock, logger)
{
    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(LabelKeyTask task, CancellationToken ct)
    {
        try
        {
            if (await exchange.AdvanceAsync(task.PatientId, task.Member, ct))
            {
                await tasks.DoneAsync(task, ct);
                return true;
            }
        }
        catch (LedgerException e)
        {
            LogLater(Log, task.PatientId, task.Member, e.Code);
        }
        catch (VaultException e)
        {
            LogLater(Log, task.PatientId, task.Member, e.Code);
        }
        await tasks.LaterAsync(task, ct);
        return false;
    }

    [LoggerMessage(3501, LogLevel.Information, "The label key of {PatientId} for {Member} is not exchanged yet: {Code}.")]
    private static partial void LogLater(ILogger logger, string patientId, string member, string code);
}
