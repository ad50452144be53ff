using HealthShare.Fabric.Client;
using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Patients.Erasures;

/// <summary>Carries erasures out as blocks bring them; what fails is tried again, ever more rarely and without end.</summary>
internal sealed partial class ErasureWorker(
    ErasureTasks tasks, ErasureSteps steps, IReadModel readModel, TimeProvider clock, ILogger<ErasureWorker> logger)
    : TaskListWorker<ErasureTask>(tasks, readModel, clock, logger)
{
    /// <inheritdoc/>
    protected override async Task<bool> AdvanceAsync(ErasureTask task, CancellationToken ct)
    {
        string reason;
        try
        {
            if (await steps.AdvanceAsync(task, ct) is not { } waits)
            {
                LogErased(Log, task.PatientId);
                return true;
            }
            reason = waits;
        }
        catch (LedgerException e)
        {
            reason = e.Code;
        }
        catch (IOException)
        {
            reason = "content.unavailable";
        }
        LogLater(Log, task.PatientId, reason);
        await tasks.LaterAsync(task, reason, ct);
        return false;
    }

    [LoggerMessage(3521, LogLevel.Information, "What this node held to share of {PatientId} is destroyed, as far as it need not be kept.")]
    private static partial void LogErased(ILogger logger, string patientId);

    [LoggerMessage(3522, LogLevel.Warning, "The erasure of {PatientId} is not complete and is taken up again: {Reason}.")]
    private static partial void LogLater(ILogger logger, string patientId, string reason);
}
