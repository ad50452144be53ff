using System.Data.Common;
using HealthShare.Fabric.Client;
using HealthShare.Node.ReadModel;
using HealthShare.Vault;

namespace HealthShare.Node.Patients;

/// <summary>Sends and fetches label keys as blocks bring affiliations; what fails is tried again, ever more rarely.</summary>
internal sealed partial class LabelKeyWorker(
    LabelKeyTasks tasks, LabelKeyExchange exchange, IReadModel readModel, ILogger<LabelKeyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var height = readModel.Height;
            try
            {
                foreach (var task in await tasks.DueAsync(stoppingToken))
                    await AdvanceAsync(task, stoppingToken);
            }
            catch (DbException e) // away for now: the tasks stay where they are
            {
                LogNoDatabase(e);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await readModel.WaitForAsync(height, stoppingToken).WaitAsync(LongestWait, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AdvanceAsync(LabelKeyTask task, CancellationToken ct)
    {
        try
        {
            if (await exchange.AdvanceAsync(task.PatientId, task.Member, ct))
            {
                await tasks.DoneAsync(task, ct);
                return;
            }
        }
        catch (LedgerException e)
        {
            LogLater(task.PatientId, task.Member, e.Code);
        }
        catch (VaultException e)
        {
            LogLater(task.PatientId, task.Member, e.Code);
        }
        await tasks.LaterAsync(task, ct);
    }

    [LoggerMessage(3501, LogLevel.Information, "The label key of {PatientId} for {Member} is not exchanged yet: {Code}.")]
    private partial void LogLater(string patientId, string member, string code);

    [LoggerMessage(3502, LogLevel.Warning, "Label keys wait for the database.")]
    private partial void LogNoDatabase(Exception e);
}
