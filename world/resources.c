/* world/resources.c: see resources.h */
#include "world/resources.h"

#include <stdio.h>
#include <string.h>

#define NS RESF_NAMESPACED
#define ST RESF_STATUS
#define GEN RESF_GENERATION

const struct resource resources[RES_COUNT] = {
	[RES_NODES] = {"", "v1", "nodes", "node", "Node", "no", ST, false},
	[RES_PODS] = {"", "v1", "pods", "pod", "Pod", "po", NS | ST | GEN, true},
	[RES_NAMESPACES] = {"", "v1", "namespaces", "namespace", "Namespace", "ns", ST, false},
	[RES_EVENTS] = {"", "v1", "events", "event", "Event", "ev", NS, false},
	[RES_CONFIGMAPS] = {"", "v1", "configmaps", "configmap", "ConfigMap", "cm", NS, false},
	[RES_SECRETS] = {"", "v1", "secrets", "secret", "Secret", "", NS, false},
	[RES_SERVICES] = {"", "v1", "services", "service", "Service", "svc", NS | ST, true},
	[RES_ENDPOINTS] = {"", "v1", "endpoints", "endpoints", "Endpoints", "ep", NS, false},
	[RES_SERVICEACCOUNTS] = {"", "v1", "serviceaccounts", "serviceaccount", "ServiceAccount",
				 "sa", NS, false},
	[RES_PVS] = {"", "v1", "persistentvolumes", "persistentvolume", "PersistentVolume", "pv",
		     ST, false},
	[RES_PVCS] = {"", "v1", "persistentvolumeclaims", "persistentvolumeclaim",
		      "PersistentVolumeClaim", "pvc", NS | ST, false},
	[RES_DEPLOYMENTS] = {"apps", "v1", "deployments", "deployment", "Deployment", "deploy",
			     NS | ST | GEN | RESF_SCALE, true},
	[RES_REPLICASETS] = {"apps", "v1", "replicasets", "replicaset", "ReplicaSet", "rs",
			     NS | ST | GEN | RESF_SCALE, true},
	[RES_DAEMONSETS] = {"apps", "v1", "daemonsets", "daemonset", "DaemonSet", "ds",
			    NS | ST | GEN, true},
	[RES_STATEFULSETS] = {"apps", "v1", "statefulsets", "statefulset", "StatefulSet", "sts",
			      NS | ST | GEN | RESF_SCALE, true},
	[RES_CONTROLLERREVISIONS] = {"apps", "v1", "controllerrevisions", "controllerrevision",
				     "ControllerRevision", "", NS, false},
	[RES_JOBS] = {"batch", "v1", "jobs", "job", "Job", "", NS | ST | GEN, true},
	[RES_CRONJOBS] = {"batch", "v1", "cronjobs", "cronjob", "CronJob", "cj", NS | ST | GEN,
			  true},
	[RES_PDBS] = {"policy", "v1", "poddisruptionbudgets", "poddisruptionbudget",
		      "PodDisruptionBudget", "pdb", NS | ST | GEN, false},
	[RES_LEASES] = {"coordination.k8s.io", "v1", "leases", "lease", "Lease", "", NS, false},
	[RES_ENDPOINTSLICES] = {"discovery.k8s.io", "v1", "endpointslices", "endpointslice",
				"EndpointSlice", "", NS, false},
	[RES_INGRESSES] = {"networking.k8s.io", "v1", "ingresses", "ingress", "Ingress", "ing",
			   NS | ST | GEN, false},
	[RES_STORAGECLASSES] = {"storage.k8s.io", "v1", "storageclasses", "storageclass",
				"StorageClass", "sc", 0, false},
	[RES_APISERVICES] = {"apiregistration.k8s.io", "v1", "apiservices", "apiservice",
			     "APIService", "", ST, false},
	[RES_SNAPSHOTS] = {"k3s.cattle.io", "v1", "etcdsnapshotfiles", "etcdsnapshotfile",
			   "ETCDSnapshotFile", "", ST, false},
	[RES_HPAS] = {"autoscaling", "v2", "horizontalpodautoscalers", "horizontalpodautoscaler",
		      "HorizontalPodAutoscaler", "hpa", NS | ST, true},
};

enum resource_id resource_find(const char *group, const char *version, const char *plural)
{
	for (int i = 0; i < RES_COUNT; i++) {
		const struct resource *res = &resources[i];

		if (!strcmp(res->plural, plural) && !strcmp(res->group, group) &&
		    !strcmp(res->version, version))
			return (enum resource_id)i;
	}
	return RES_NONE;
}

enum resource_id resource_by_kind(const char *kind)
{
	for (int i = 0; i < RES_COUNT; i++) {
		if (!strcmp(resources[i].kind, kind))
			return (enum resource_id)i;
	}
	return RES_NONE;
}

const char *resource_api_version(enum resource_id res, char *buf, size_t size)
{
	const struct resource *r = &resources[res];

	snprintf(buf, size, "%s%s%s", r->group, *r->group ? "/" : "", r->version);
	return buf;
}
