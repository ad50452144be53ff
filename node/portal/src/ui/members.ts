import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, bodyOf } from "../api/client";

/** The members of the channel; they change seldom. */
export const organizationsQuery = queryOptions({
  queryKey: ["organizations"], staleTime: 300_000,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/organizations", { signal })),
});

/** A member's name for people from its MSP id, where nobody has told a better one: `NorthMSP` is North. */
export const shortName = (mspId: string): string => mspId.replace(/MSP$/, "") || mspId;

export const organizationName = (organization: { mspId: string; displayName?: string | null }): string =>
  organization.displayName || shortName(organization.mspId);

/** Names of members by MSP id; short names until the list is there. */
export function useMemberName(): (mspId: string) => string {
  const { data } = useQuery(organizationsQuery);
  return (mspId) => data?.organizations.find((member) => member.mspId === mspId)?.name ?? shortName(mspId);
}
