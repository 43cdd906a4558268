package main

import (
	"context"
	"os"
	_ "time/tzdata" // time zones of CronJobs

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"github.com/org/k8sorch/e2e/cluster/internal/node"
)

// components are the programs inside this one, by name. Each returns its exit code.
func components() map[string]func() int {
	return map[string]func() int{
		node.APIServer:         func() int { return cli.Run(apiserver.NewAPIServerCommand()) },
		node.ControllerManager: func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) },
		node.Scheduler:         func() int { return cli.Run(scheduler.NewSchedulerCommand()) },
		node.Kubelet:           func() int { return cli.Run(kubelet.NewKubeletCommand(context.Background())) },
		node.Etcd: func() int {
			etcdmain.Main(os.Args)
			return 0
		},
	}
}
